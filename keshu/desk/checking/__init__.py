"""Pages of the monthly check: the sheet of a month, what an office fills, what is before it this month, orders from a line that is behind."""
