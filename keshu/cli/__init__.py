"""Command line: the house without a browser. Words come in; tables, JSON and files go out."""
