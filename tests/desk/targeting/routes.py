from tests.access import BUREAU, COUNTY, only

ROUTES = {
    "desk:targets": only(*BUREAU, *COUNTY),
    "desk:targets_template": only("planning"),
    "desk:targets_upload": only("planning", method="POST"),
    "desk:targets_apply": only("planning", method="POST"),
}
