"""Chat channels, one folder each."""
