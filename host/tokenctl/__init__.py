"""tokenctl: the host tool of the token, and the Python API behind it (tokenctl.token.Token)."""
