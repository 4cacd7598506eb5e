"""调度: the dispatch table with its trace, indicator, county and what-if pages. In: an address and an actor. Out: pages; nothing is written."""
