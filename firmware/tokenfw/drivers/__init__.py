"""Drivers: one chip, one file; the bus is handed in."""
