"""Providers to copy from: a TOML file each, without any secret."""
