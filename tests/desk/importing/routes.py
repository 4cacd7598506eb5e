from tests.access import only

ROUTES = {
    "desk:imports": only("planning"),
    "desk:import_template": only("planning"),
    "desk:import_upload": only("planning", method="POST"),
    "desk:import_detail": only("planning"),
    "desk:import_progress": only("planning"),
    "desk:import_refused": only("planning"),
    "desk:import_act": only("planning", method="POST"),
}
