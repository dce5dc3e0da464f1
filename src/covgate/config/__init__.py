"""The project's settings: definition, reading, mistakes with their places."""
