"""Blocks of one Python file: what they bind and mention, so that a change is told by meaning."""
