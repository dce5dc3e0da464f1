"""Facts about one blob of Python source."""
