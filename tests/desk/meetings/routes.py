from tests.access import BUREAU, COUNTY, only

SEES = (*BUREAU, *COUNTY)
ANSWERS = (*COUNTY, "planning", "office")
ORDERS = ("planning", "leader", "inspector")
ROUTES = {
    "desk:meetings": only(*SEES),
    "desk:meeting_new": only("planning"),
    "desk:meeting_materials": only(*ANSWERS),
    "desk:meeting_answer": only(*ANSWERS, method="POST"),
    "desk:meeting": only(*SEES),
    "desk:meeting_moved": only(*SEES),
    "desk:meeting_edit": only("planning"),
    "desk:meeting_act": only(*ORDERS, method="POST"),
    "desk:meeting_prepare": only("planning", method="POST"),
    "desk:meeting_request": only("planning", method="POST"),
    "desk:meeting_note": only(*ORDERS, method="POST"),
    "desk:meeting_minutes": only(*ORDERS, method="POST"),
    "desk:meeting_unit": only(*SEES),
    "desk:meeting_paper": only(*SEES),
}
