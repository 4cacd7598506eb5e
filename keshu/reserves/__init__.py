"""Reserve libraries (储备库), needs (揭榜挂帅), achievements (成果库) and public documents: proposals come in, entries and contracts go out as measures."""
