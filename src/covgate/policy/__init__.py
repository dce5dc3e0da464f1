"""What holds the gate up: effective configuration of coverage, pytest, hooks and CI, compared."""
