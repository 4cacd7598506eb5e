from tests.access import BUREAU, COUNTY, only

SEES = (*BUREAU, *COUNTY)
FILLS = ("office", "planning", *COUNTY)
ROUTES = {
    "desk:checking": only(*SEES),
    "desk:checking_print": only(*SEES),
    "desk:checking_open": only("planning", method="POST"),
    "desk:checking_review": only("planning", method="POST"),
    "desk:checking_fill": only(*FILLS),
    "desk:checking_line": only(*FILLS),
    "desk:checking_work": only(*SEES),
    "desk:checking_remind": only("planning", method="POST"),
    "desk:checking_goals": only("planning"),
    "desk:checking_make": only("planning", method="POST"),
    "desk:checking_figure": only(*SEES),
    "desk:checking_order": only("leader", "planning", "inspector"),
}
