from tests.access import BUREAU, COUNTY, only

SEES = (*BUREAU, *COUNTY, "applicant", "recommender")
BOTH = ("office", "leader")

ROUTES = {
    "desk:calls": only(*BOTH),
    "desk:call_new": only("office"),
    "desk:call": only(*BOTH),
    "desk:call_edit": only("office"),
    "desk:call_act": only("office", method="POST"),
    "desk:call_material": only("office", method="POST"),
    "desk:call_material_file": only(*BOTH),
    "desk:call_approve": only("office"),
    "desk:call_forward": only("office"),
    "desk:call_letter": only(*BOTH),
    "desk:call_summary": only(*BOTH),
    "desk:call_above": only("office", method="POST"),
    "desk:call_above_preview": only("office"),
    "desk:call_copy": only(*SEES),
    "desk:objection_proof": only("office", method="POST"),
    "desk:objection_proof_file": only(*BOTH),
}
