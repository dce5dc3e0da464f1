"""What a test checks: assertions of any kind, and what makes them void."""
