"""Pages of the bureau's own assessment: years, one year with what can be regained, a score sheet coming in, why a rank moved."""
