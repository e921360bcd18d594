"""YAML in and out: the only room that imports a YAML library."""
