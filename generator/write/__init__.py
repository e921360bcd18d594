"""FileSet → chart on disk: the only room that writes to a user's folder. Hand edits survive, and so does a crash."""
