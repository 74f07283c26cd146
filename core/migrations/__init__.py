"""Alembic migrations of the shared schema and of a cell."""
