"""Figures: cube → indicators → targets → dispatch. Values with their release come in; figures with their trace go out."""
