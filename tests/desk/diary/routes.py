from tests.access import BUREAU, COUNTY, only, public

SEES = (*BUREAU, *COUNTY, "applicant", "recommender")
SENDS = ("planning", "office")
ROUTES = {
    "desk:diary": only(*SEES),
    "desk:diary_subscription": only(*SEES),
    "desk:diary_feed": public(),
    "desk:outbox": only(*SENDS),
    "desk:outbox_prepare": only(*SENDS, method="POST"),
    "desk:outbox_send": only(*SENDS, method="POST"),
    "desk:outbox_export": only(*SENDS),
    "desk:reminder_new": only(*SENDS),
    "desk:reminder": only(*SENDS),
    "desk:reminder_act": only(*SENDS, method="POST"),
    "desk:messages": only(*SEES),
    "desk:message_read": only(*SEES, method="POST"),
    "desk:lines": only("planning", "office"),
    "desk:line_off": only("planning", "office", method="POST"),
    "desk:line_on": only("planning", "office", method="POST"),
}
