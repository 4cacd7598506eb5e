from tests.access import BUREAU, COUNTY, only

ROUTES = {"desk:today": only(*BUREAU, *COUNTY, "applicant", "recommender")}
