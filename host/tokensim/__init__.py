"""tokensim: the token's real firmware on a simulated board."""
