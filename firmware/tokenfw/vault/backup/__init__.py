"""Backups, restores and clones of a vault's accounts. All of it is loaded on demand."""
