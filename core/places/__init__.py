"""Provinces, communes and health units."""
