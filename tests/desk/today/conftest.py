from tests.desk.staff import quick_passwords, staff
from tests.programmes.office import in_march, office

__all__ = ["in_march", "office", "quick_passwords", "staff"]
