"""Routes of this room, included under ``desk:``."""

from django.urls import path

from keshu.desk.people import accounts, auditing, grants, searching, signing

urlpatterns = [
    path("", signing.landing, name="landing"),
    path("password/", signing.password, name="password"),
    path("post/", signing.switch_post, name="switch_post"),
    path("elder/", signing.elder, name="elder"),
    path("keepalive/", signing.keepalive, name="keepalive"),
    path("search/", searching.search, name="search"),
    path("units/", accounts.units, name="units"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.account_new, name="account_new"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/<int:pk>/act/", accounts.account_act, name="account_act"),
    path("grants/", grants.grants, name="grants"),
    path("grants/ask/", grants.grant_ask, name="grant_ask"),
    path("grants/<int:pk>/decide/", grants.grant_decide, name="grant_decide"),
    path("grants/<int:pk>/withdraw/", grants.grant_withdraw, name="grant_withdraw"),
    path("audit/", auditing.log, name="audit"),
    path("audit/export/", auditing.log_export, name="audit_export"),
    path("audit/chain/", auditing.log_chain, name="audit_chain"),
]
