"""Memory, measured on a 32-bit MicroPython: npm's wasm port, under node."""
