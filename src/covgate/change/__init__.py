"""What is being committed: mode, base, target tree, changed lines."""
