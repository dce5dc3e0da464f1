"""One module per format of the answer."""
