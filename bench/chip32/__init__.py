"""A 32-bit MicroPython whose heap is as large, and grows and is divided, as an ESP32's.

It is MicroPython's unix port with another configuration, made by build.sh from Debian's sources
(make .venv/chip32/micropython). The stand-ins of tokensim run in it, in memory of their own at the
start of the heap. What it cannot show: a chip's native code (xtensa) and its C stack.
"""
