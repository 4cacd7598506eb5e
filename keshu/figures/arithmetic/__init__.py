"""Arithmetic of figures: pure functions on Decimal. In: held values, targets, rules as data. Out: frozen
results, or None with a reason.
"""
