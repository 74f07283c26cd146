"""The health unit's pages."""
