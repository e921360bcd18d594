"""What changes between two sets of manifests, and what an upgrade from the one to the other will do."""
