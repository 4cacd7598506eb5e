from tests.access import BUREAU, COUNTY, only

ROUTES = {
    "desk:dispatch": only(*BUREAU, *COUNTY),
    "desk:indicator": only(*BUREAU, *COUNTY),
    "desk:county": only(*BUREAU, *COUNTY),
    "desk:whatif": only(*BUREAU, *COUNTY),
    "desk:trace": only(*BUREAU, *COUNTY),
    "desk:trace_card": only(*BUREAU, *COUNTY),
    "desk:versions": only(*BUREAU, *COUNTY),
}
