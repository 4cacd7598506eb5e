"""Rules: whatever a policy sets, dated and cited. Documents come in; the rule in force on a day goes out."""
