"""Declarations, check-ins, follow-up and alerts."""
