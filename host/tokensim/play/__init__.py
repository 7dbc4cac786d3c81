"""Somebody with a token and a computer, as a script has it."""
