"""One module per subcommand; each has `run(...) -> int`."""
