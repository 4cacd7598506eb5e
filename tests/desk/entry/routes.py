from tests.access import COUNTY, only

ROUTES = {
    "desk:entry": only("planning", *COUNTY),
    "desk:entry_paper": only("planning", *COUNTY),
    "desk:sheet": only("planning", *COUNTY),
    "desk:sheet_cell": only("planning", "county_filler", method="POST"),
    "desk:sheet_paste": only("planning", "county_filler", method="POST"),
    "desk:sheet_zero": only("planning", "county_filler", method="POST"),
    "desk:sheet_act": only("planning", *COUNTY, method="POST"),
    "desk:sheet_workbook": only("planning", *COUNTY),
    "desk:sheet_upload": only("planning", "county_filler", method="POST"),
    "desk:sheet_fill": only("planning", "county_filler", method="POST"),
    "desk:sheet_paper": only("planning", *COUNTY, method="POST"),
    "desk:sheet_adjust": only("county_filler", method="POST"),
    "desk:sheet_doubt": only("planning", *COUNTY, method="POST"),
    "desk:doubt_act": only("planning", *COUNTY, method="POST"),
    "desk:collection": only("planning"),
    "desk:estimates": only("planning", *COUNTY),
    "desk:entry_enter_for": only("planning", method="POST"),
    "desk:adjustment_answer": only("planning", method="POST"),
}
