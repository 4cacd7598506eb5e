"""调度会: what did we agree last time, and what is asked now? Meetings, causes and measures come in; notices, 一县一页, minutes go out."""
