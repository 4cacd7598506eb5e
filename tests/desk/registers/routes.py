from tests.access import BUREAU, COUNTY, only

SEES = (*BUREAU, *COUNTY, "applicant", "recommender")
ROUTES = {
    "desk:registers": only(*SEES),
    "desk:register": only(*SEES),
    "desk:register_export": only(*SEES),
    "desk:record": only(*SEES),
    "desk:record_act": only(*SEES, method="POST"),
}
