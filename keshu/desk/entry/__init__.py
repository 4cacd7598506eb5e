"""Pages of the county month: what is typed comes in cell by cell, checks and the printed sheet go out; the city collects here too."""
