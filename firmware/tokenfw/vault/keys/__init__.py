"""The keys of a vault: what they seal, the key sectors, the PIN, the key of the chip."""
