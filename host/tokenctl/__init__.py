"""tokenctl: the host tool of the token, and its Python API, tokenctl.device.token."""
