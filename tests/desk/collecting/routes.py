from tests.access import COUNTY, only

COLLECTS = ("planning", "office")
ANSWERS = (*COUNTY, "office", "applicant", "recommender")
BOTH = (*ANSWERS, "planning")
ROUTES = {
    "desk:collecting_home": only(*COLLECTS),
    "desk:collecting_new": only(*COLLECTS),
    "desk:collecting_take_over": only(*COLLECTS, method="POST"),
    "desk:collecting_page": only(*COLLECTS),
    "desk:collecting_edit": only(*COLLECTS),
    "desk:collecting_again": only(*COLLECTS),
    "desk:collecting_act": only(*COLLECTS, method="POST"),
    "desk:collecting_drop": only(*COLLECTS, method="POST"),
    "desk:collecting_remind": only(*COLLECTS, method="POST"),
    "desk:collecting_workbooks": only(*COLLECTS),
    "desk:collecting_export": only(*COLLECTS),
    "desk:collecting_type": only(*COLLECTS),
    "desk:collecting_contact": only(*COLLECTS, method="POST"),
    "desk:collecting_reply": only(*BOTH),
    "desk:collecting_reply_act": only(*BOTH, method="POST"),
    "desk:collecting_reply_file": only(*BOTH),
    "desk:collecting_reply_paper": only(*BOTH),
    "desk:collecting_asked": only(*ANSWERS),
    "desk:collecting_answer": only(*ANSWERS),
    "desk:collecting_fill": only(*ANSWERS),
    "desk:collecting_own_workbook": only(*ANSWERS),
    "desk:collecting_hand_in": only(*ANSWERS, method="POST"),
}
