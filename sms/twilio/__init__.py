"""Twilio, for people abroad and for trials."""
