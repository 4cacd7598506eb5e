from tests.access import BUREAU, COUNTY, only

SEES = (*BUREAU, *COUNTY, "applicant", "recommender")
ROUTES = {
    "desk:projects_pay": only("office"),
    "desk:projects_plan": only("office"),
    "desk:projects_overdue": only("office", "leader", "county_reviewer", "county_head", "recommender"),
    "desk:projects_chase": only("office", method="POST"),
    "desk:projects_archive_year": only(*SEES),
    "desk:projects_contract": only("office", "applicant"),
    "desk:projects_contract_paper": only(*SEES),
    "desk:projects_change": only("applicant"),
    "desk:projects_acceptance": only("office", "applicant"),
    "desk:projects_archive": only("office"),
    "desk:projects_archive_list": only(*SEES),
}
