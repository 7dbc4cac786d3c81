"""How the token starts, runs, and fails."""
