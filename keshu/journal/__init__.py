"""Journal: revisions, history, audit chain. Writing transactions come in; a number, stamped rows and a closed hash chain go out."""
