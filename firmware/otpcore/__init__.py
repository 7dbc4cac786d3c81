"""The shared OTP core: pure, and the same bytes on MicroPython and on CPython."""
