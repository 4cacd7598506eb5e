"""Databases of earlier versions, kept with the tables they showed: every later version migrates them and replays the same."""
