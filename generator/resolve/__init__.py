"""Names bound, templates and defaults merged, expressions typed: the spec becomes a system."""
