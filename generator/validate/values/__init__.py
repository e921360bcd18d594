"""Values and what reads them: keys without a reader, reads without a key, schemas that know neither."""
