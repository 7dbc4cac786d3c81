"""The hardware: what is on the board and in its chip, and its answers to a program."""
