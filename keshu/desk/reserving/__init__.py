"""储备、榜单、成果、公开文件: sheets that are kept as typed, and the cards on the records of this room. Texts come in, drafts and records go out."""
