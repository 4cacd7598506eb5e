from tests.access import BUREAU, COUNTY, only

SEES = (*BUREAU, *COUNTY, "applicant", "recommender")

ROUTES = {
    "desk:apply": only("applicant"),
    "desk:apply_begin": only("applicant", method="POST"),
    "desk:apply_form": only("applicant"),
    "desk:apply_keep": only("applicant", method="POST"),
    "desk:apply_hand_in": only("applicant", method="POST"),
    "desk:apply_drop": only("applicant", method="POST"),
    "desk:apply_file": only("applicant", method="POST"),
    "desk:apply_file_open": only("applicant"),
    "desk:apply_receipt": only(*SEES),
    "desk:apply_printed": only(*SEES),
    "desk:apply_sealed": only("applicant", method="POST"),
}
