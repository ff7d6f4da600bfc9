"""People: accounts, one-time passwords, and their HTTP API."""
