"""自定义台账 pages: ledgers are defined, loaded from files, and their records are entered. Forms come in; definitions and records go out."""
