"""Measured lines and diff coverage."""
