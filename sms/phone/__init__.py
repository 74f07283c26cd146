"""The simulator: a feature phone in the browser."""
