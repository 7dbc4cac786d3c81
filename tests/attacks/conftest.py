"""A simulated token under attack: see e2e/conftest.py for the fixtures."""

from e2e.conftest import sim, token

__all__ = ["sim", "token"]
