"""Stage: manifests → findings, offline: schemas, the API server's own rules, references between objects, policy."""
