"""Dispatch meetings: notice, causes and measures asked for, minutes, and what was agreed."""
