"""Items of the year and their monthly check against the plan."""
