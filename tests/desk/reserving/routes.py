from tests.access import BUREAU, COUNTY, only

#: Who proposes, recommends, handles or publishes.
WRITES = ("applicant", "recommender", "county_reviewer", "county_head", "office", "planning")
SEES = (*BUREAU, *COUNTY, "applicant", "recommender")
ROUTES = {
    "desk:reserving": only(*WRITES),
    "desk:reserving_begin": only(*WRITES, method="POST"),
    "desk:reserving_sheet": only(*WRITES),
    "desk:reserving_keep": only(*WRITES, method="POST"),
    "desk:reserving_hand_in": only(*WRITES, method="POST"),
    "desk:reserving_drop": only(*WRITES, method="POST"),
    "desk:reserving_convert": only("applicant", method="POST"),
    "desk:reserving_phone": only(*SEES, method="POST"),
}
