"""Keshu 科枢: the working system of a city's science and technology bureau."""

__version__ = "0.1.0"
