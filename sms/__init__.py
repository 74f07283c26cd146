"""SMS channels, one folder each, and what a text costs."""
