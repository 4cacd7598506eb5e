"""收表合表: one blank form to many senders, replies of any shape back, one merged table, and who has not replied.

A clerk defines columns; senders get their workbook; files come in and are matched, read and merged; the merged table, who is missing, what
differs, and words for a chat group go out. A sum names whom it leaves out.
"""
