"""台账 pages: any declared register as a list and a page per record. Questions come in by the address, moves by POST."""
