from tests.access import BUREAU, COUNTY, only, public

NOMINATES = ("county_reviewer", "county_head", "recommender", "office")
RUNS = ("office", "leader")
SEES = (*BUREAU, *COUNTY, "applicant", "recommender")
ROUTES = {
    "desk:nominations": only(*NOMINATES),
    "desk:nominate_begin": only(*NOMINATES, method="POST"),
    "desk:nominate_form": only(*NOMINATES),
    "desk:nominate_keep": only(*NOMINATES, method="POST"),
    "desk:nominate_hand_in": only(*NOMINATES, method="POST"),
    "desk:nominate_file": only(*NOMINATES, method="POST"),
    "desk:nominate_file_open": only(*NOMINATES),
    "desk:nominate_drop": only(*NOMINATES, method="POST"),
    "desk:award_rounds": only(*RUNS),
    "desk:award_prize_new": only("office", method="POST"),
    "desk:award_round_new": only("office"),
    "desk:award_round": only(*RUNS),
    "desk:award_round_edit": only("office"),
    "desk:award_round_act": only("office", method="POST"),
    "desk:award_votes": only("office"),
    "desk:award_scores": only("office"),
    "desk:award_certificates": only(*RUNS),
    "desk:award_decision": only(*RUNS),
    "desk:award_objection": only("office"),
    "desk:award_medals": only(*SEES),
    "portal:awards": public(),
    "portal:award_notices": public(),
}
