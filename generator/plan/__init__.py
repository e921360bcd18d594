"""The workflow as data: what an engine runs, and what is known about it before it runs."""
