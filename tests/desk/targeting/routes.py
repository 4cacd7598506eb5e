from tests.access import BUREAU, COUNTY, only

READERS = (*BUREAU, *COUNTY)
ROUTES = {
    "desk:targets": only(*READERS),
    "desk:targets_by_indicator": only(*READERS),
    "desk:targets_template": only("planning"),
    "desk:targets_upload": only("planning", method="POST"),
    "desk:targets_apply": only("planning", method="POST"),
    "desk:target_documents": only(*READERS),
    "desk:target_document_new": only("planning", method="POST"),
    "desk:target_paper": only(*READERS),
    "desk:target_tasks": only("planning"),
    "desk:target_tasks_template": only("planning"),
    "desk:target_tasks_preview": only("planning", method="POST"),
    "desk:target_tasks_apply": only("planning", method="POST"),
    "desk:target_letter_word": only(*READERS, "applicant", "recommender"),
    "desk:target": only(*READERS),
    "desk:target_change": only("planning", method="POST"),
    "desk:target_step": only("planning", method="POST"),
    "desk:target_adjust": only("planning", "office", *COUNTY, method="POST"),
    "desk:target_letter": only("planning", method="POST"),
    "desk:target_split": only("planning", method="POST"),
    "desk:target_again": only("planning", method="POST"),
    "desk:target_lock": only("planning", method="POST"),
}
