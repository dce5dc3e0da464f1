"""What a change silences: tests skipped without a reason, tests no longer collected or run."""
