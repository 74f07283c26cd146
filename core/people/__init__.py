"""Contacts, addresses and persons. A phone is never a person."""
