"""What stands around the gate in a project: layout, hook runners, environment, settings."""
