"""The printed circuit board of the pocket build: its button strip, with the clock on it."""
