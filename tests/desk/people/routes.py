from tests.access import only, public, signed_in

ROUTES = {
    "login": public(),
    "logout": public("POST"),
    "desk:landing": signed_in(),
    "desk:password": signed_in(),
    "desk:switch_post": signed_in("POST"),
    "desk:elder": public("POST"),
    "desk:keepalive": signed_in("POST"),
    "desk:search": signed_in(),
    "desk:units": only("system_admin"),
    "desk:accounts": only("system_admin"),
    "desk:account_new": only("system_admin"),
    "desk:account": only("system_admin"),
    "desk:account_act": only("system_admin", method="POST"),
    "desk:grants": only("system_admin", "security_admin"),
    "desk:grant_ask": only("system_admin", method="POST"),
    "desk:grant_decide": only("system_admin", "security_admin", method="POST"),
    "desk:grant_withdraw": only("security_admin", method="POST"),
    "desk:audit": only("audit_admin"),
    "desk:audit_export": only("audit_admin"),
    "desk:audit_chain": only("audit_admin", method="POST"),
}
