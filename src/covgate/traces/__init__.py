"""The store of evidence."""
