"""Targets and their decomposition: documents that set them, the tree that shares them out, adjustments, letters of responsibility."""
