from tests.access import only

ROUTES = {
    "desk:filling_forms": only("planning"),
    "desk:filling_receive": only("planning", method="POST"),
    "desk:filling_form": only("planning"),
    "desk:filling_settings": only("planning", method="POST"),
    "desk:filling_blank_upload": only("planning", method="POST"),
    "desk:filling_map": only("planning"),
    "desk:filling_map_cell": only("planning", method="POST"),
    "desk:filling_map_act": only("planning", method="POST"),
    "desk:filling_fill": only("planning", method="POST"),
    "desk:filling_blank_file": only("planning"),
    "desk:filling_filled": only("planning"),
    "desk:filling_filled_act": only("planning", method="POST"),
    "desk:filling_feedback": only("planning", method="POST"),
}
