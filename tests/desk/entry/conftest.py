"""The people of tests/desk/staff.py, for the pages of the county month."""

from tests.desk.staff import quick_passwords, staff

__all__ = ["quick_passwords", "staff"]
