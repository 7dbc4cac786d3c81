"""This computer's clock, and how a token's ticks relate to it."""
