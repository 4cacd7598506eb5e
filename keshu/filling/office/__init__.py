"""Office files read and written by their bytes: only the value of a named cell changes, every other byte of the file stays."""
