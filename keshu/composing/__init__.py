"""Floor 5, composing: the bureau's own reports, section by section, every figure drawn from the records and traced."""
