"""One module per rule: facts in, findings out."""
