"""The spec as written: every key, its type, and where it stands in the file."""
