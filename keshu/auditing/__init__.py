"""Floor 5, auditing (校核): which figures of a document do not hold, among themselves, against the records, against what left before."""
