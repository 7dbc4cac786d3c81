"""The link over USB serial, and the methods that it serves."""
