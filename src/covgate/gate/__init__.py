"""The way of a commit: from the change to the answer."""
