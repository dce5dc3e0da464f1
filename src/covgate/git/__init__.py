"""Reading git, without ever writing to the user's repository."""
