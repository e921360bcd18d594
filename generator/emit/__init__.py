"""Chart → files: templates, values.yaml, its schema, README, notes. Nothing here decides what the chart holds."""
