"""The firmware runs on the board, in real or in simulated time."""
