from tests.access import BUREAU, COUNTY, only

ROUTES = {
    "desk:assessed": only(*BUREAU, *COUNTY),
    "desk:assessed_new": only("planning"),
    "desk:assessed_one": only(*BUREAU, *COUNTY),
    "desk:assessed_edit": only("planning"),
    "desk:assessed_template": only("planning"),
    "desk:assessed_upload": only("planning", method="POST"),
    "desk:assessed_apply": only("planning", method="POST"),
    "desk:assessed_refused": only("planning", method="POST"),
    "desk:assessed_plan": only("planning", "office", *COUNTY, method="POST"),
    "desk:assessed_method": only("planning", method="POST"),
    "desk:rank_moved": only(*BUREAU, *COUNTY),
}
