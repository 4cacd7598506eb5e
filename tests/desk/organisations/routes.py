from tests.access import BUREAU, COUNTY, only

ROUTES = {
    "desk:organisation": only(*BUREAU, *COUNTY, "applicant", "recommender"),
    "desk:own_organisation": only("applicant"),
}
