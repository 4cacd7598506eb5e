from tests.desk.staff import quick_passwords, staff  # noqa: F401
