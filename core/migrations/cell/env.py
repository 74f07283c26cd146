"""Alembic starts here."""

from core.migrations.environment import run

run()
