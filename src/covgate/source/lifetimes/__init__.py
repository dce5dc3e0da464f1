"""Which objects outlive the call that makes them, shown by the text of a project."""
