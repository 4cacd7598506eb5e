"""收表合表: one blank form to many senders, replies of any shape back, one merged table, and who has not replied."""
