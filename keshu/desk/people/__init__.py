"""People: signing in and out, accounts, roles and the audit log. Administrators and everyone's own settings; no business record."""
