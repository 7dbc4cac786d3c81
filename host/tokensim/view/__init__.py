"""What somebody sees of a token's panel: as text, as a photograph; reads codes off it."""
