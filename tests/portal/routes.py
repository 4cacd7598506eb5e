from tests.access import public

ROUTES = {
    "portal:landing": public(),
    "portal:nation": public(),
    "portal:nation_csv": public(),
    "portal:trace": public(),
    "portal:health": public(),
    "portal:projects": public(),
    "portal:notices": public(),
}
