"""Intake: the files people really send. Uploads come in; rows as the clerk sees them, refusals, templates and tables go out."""
