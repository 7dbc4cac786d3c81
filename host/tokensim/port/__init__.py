"""MicroPython's side: what it runs, the processes that run it, what it finds there."""
