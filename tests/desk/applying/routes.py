from tests.access import only

ROUTES = {
    "desk:apply": only("applicant"),
    "desk:apply_begin": only("applicant", method="POST"),
    "desk:apply_form": only("applicant"),
    "desk:apply_keep": only("applicant", method="POST"),
    "desk:apply_hand_in": only("applicant", method="POST"),
    "desk:apply_drop": only("applicant", method="POST"),
}
