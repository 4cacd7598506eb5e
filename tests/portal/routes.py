from tests.access import public

ROUTES = {
    "portal:landing": public(),
    "portal:nation": public(),
    "portal:nation_csv": public(),
    "portal:trace": public(),
    "portal:health": public(),
    "portal:find": public(),
    "portal:downloads": public(),
    "portal:download": public(),
    "portal:download_file": public(),
    "portal:needs": public(),
    "portal:need": public(),
    "portal:achievements": public(),
    "portal:achievement": public(),
    "portal:projects": public(),
    "portal:calls": public(),
    "portal:call": public(),
    "portal:call_file": public(),
    "portal:notices": public(),
}
