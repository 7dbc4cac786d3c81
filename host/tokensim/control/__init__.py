"""How another process drives a token that runs."""
