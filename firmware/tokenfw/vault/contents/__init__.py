"""The contents of a vault: the types of its records, their index, accounts, order, settings."""
