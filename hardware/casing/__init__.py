"""The printable cases: their data, their shapes, and the checks of what was made."""
