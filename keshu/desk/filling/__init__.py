"""套表: a superior's forms, their mapping cell by cell, and filling them for a period."""
