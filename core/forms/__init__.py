"""Forms as data: TOML files, their loader, checker and Babel extractor."""
