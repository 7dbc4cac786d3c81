"""Chip models at register level, written from the data sheets, not from the firmware's drivers."""
