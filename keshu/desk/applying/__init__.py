"""网上申报 pages: calls and drafts come in by an organisation, applications go out to the register."""
