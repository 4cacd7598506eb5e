from tests.access import BUREAU, COUNTY, only

#: Who issues, handles or verifies: the whole bureau and the counties.
SEES = (*BUREAU, *COUNTY)
ROUTES = {
    "desk:orders": only(*SEES),
    "desk:order_circular": only(*SEES),
    "desk:order_issue": only("leader", "planning", "inspector"),
    "desk:order_sheet": only(*SEES, "applicant", "recommender"),
}
