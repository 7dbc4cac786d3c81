"""Scripts that run under MicroPython, and print one JSON object each."""
