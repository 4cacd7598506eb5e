"""合表 and 交表: forms go out, replies come in, one table: who is missing, what differs. Files and texts come in, pages and workbooks go out."""
