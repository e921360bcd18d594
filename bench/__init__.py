"""Whole commands, timed as a user runs them, next to Helm on the same chart: `make bench`."""
