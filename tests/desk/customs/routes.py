from tests.access import BUREAU, COUNTY, only

KEEPS = ("planning", "office")
SEES = (*BUREAU, *COUNTY, "applicant", "recommender")
ROUTES = {
    "desk:customs": only(*KEEPS),
    "desk:custom_new": only(*KEEPS),
    "desk:custom_load": only(*KEEPS, method="POST"),
    "desk:custom_confirm": only(*KEEPS, method="POST"),
    "desk:custom_ready": only(*KEEPS, method="POST"),
    "desk:custom": only(*KEEPS),
    "desk:custom_file": only(*KEEPS),
    "desk:custom_enter": only(*SEES),
    "desk:custom_correct": only(*SEES),
    "desk:register_import": only(*SEES),
    "desk:register_template": only(*SEES),
    "desk:register_upload": only(*SEES, method="POST"),
    "desk:register_batch": only(*SEES),
    "desk:register_progress": only(*SEES),
    "desk:register_refused": only(*SEES),
    "desk:register_batch_act": only(*SEES, method="POST"),
}
