from tests.access import BUREAU, COUNTY, only

SEES = (*BUREAU, *COUNTY, "applicant", "recommender")
ROUTES = {
    "desk:registers": only(*SEES),
    "desk:register": only(*SEES),
    "desk:register_standing": only(*SEES),
    "desk:register_export": only(*SEES),
    "desk:register_print": only(*SEES),
    "desk:view_keep": only(*SEES, method="POST"),
    "desk:view_change": only(*SEES, method="POST"),
    "desk:record_together": only(*SEES, method="POST"),
    "desk:record": only(*SEES),
    "desk:record_act": only(*SEES, method="POST"),
    "desk:record_itemise": only("planning", "office", method="POST"),
    "desk:record_papers": only(*SEES, method="POST"),
    "desk:record_paper": only(*SEES),
    "desk:record_paper_back": only(*SEES, method="POST"),
}
