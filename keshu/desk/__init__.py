"""Desk: the pages of those who work here. A signed-in actor comes in; pages and files go out."""
