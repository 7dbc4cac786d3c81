"""The shared OTP core: pure code that runs unchanged on MicroPython and on CPython."""
