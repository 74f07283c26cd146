"""The conversation, pure: no database, clock, network or environment."""
