"""Bringing each record to the health unit that must act on it."""
