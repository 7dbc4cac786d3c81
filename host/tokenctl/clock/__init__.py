"""This computer's clock, and where the token's ticks lie in its time."""
