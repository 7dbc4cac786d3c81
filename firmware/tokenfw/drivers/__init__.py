"""Drivers: a file for each chip; the bus is an argument."""
