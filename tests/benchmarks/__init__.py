"""Measurements: `make bench`. Ratios within one run; never a test that times something."""
