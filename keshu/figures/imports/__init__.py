"""Imports of figures: a file comes in, is read into staged rows with a verdict each, and is applied as a whole or not at all."""
