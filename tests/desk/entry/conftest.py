"""The people of tests/desk/staff.py and the county's form, for the pages of the county month."""

from tests.desk.entry.office import _files, _october, office
from tests.desk.staff import quick_passwords, staff

__all__ = ["_files", "_october", "office", "quick_passwords", "staff"]
