"""The printed circuit board of the pocket build: its buttons, with the clock on it."""
