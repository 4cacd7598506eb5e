from tests.access import BUREAU, COUNTY, only

ROUTES = {
    "desk:give": only("leader", "planning", "office"),
    "desk:give_record": only("leader", "planning", "office", method="POST"),
    "desk:issued": only(*BUREAU),
    "desk:issued_export": only(*BUREAU),
    "desk:issued_detail": only(*BUREAU),
    "desk:export_dispatch": only(*BUREAU, *COUNTY),
    "desk:briefing": only("leader", "planning"),
    "desk:composed_file": only(*BUREAU),
}
