"""申报通知 for the office: calls are written and published here; letters to superiors, their documents and our own approvals go out."""
