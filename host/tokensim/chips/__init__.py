"""Chip models at register level, written from the data sheets and never from our drivers."""
