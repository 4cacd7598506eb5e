from tests.access import only, public

ROUTES = {
    "desk:screen": only("leader", "planning"),
    "desk:screen_links": only("planning"),
    "desk:screen_linked": public(),
    "desk:phone": only("leader", "planning"),
}
