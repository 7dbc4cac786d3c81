"""Runs the clock chips' drivers on MicroPython, for a test that has the chips' models.

A line of JSON in, one out: [driver, "set", year, month, day, hour, minute, second] or
[driver, "read"]; the answer is the result of read(), or the name of the exception. To
[driver, "start_us"] the answer is START_US.
"""

import json
import select
import sys

import machine

drivers = {}


def driver(name):
    """Return the driver of that name, on a bus at its highest frequency."""
    if name not in drivers:
        module, kind, about = _CLOCK_CHIPS[name]  # noqa: F821 (the test puts the table in front)
        __import__(module)
        frequency = about[2]
        i2c = machine.I2C(0, scl=machine.Pin(22), sda=machine.Pin(21), freq=frequency)
        drivers[name] = getattr(sys.modules[module], kind)(i2c, about, frequency)
    return drivers[name]


def carry_out(name, order, *moment):
    """Return the answer to one line."""
    chip = driver(name)
    if order == "start_us":
        return chip.START_US
    try:
        if order == "set":
            chip.prepare(*moment)
            chip.start()
        return chip.read()
    except (ValueError, OSError) as error:
        return type(error).__name__


def read_line():
    """Return a line, read byte by byte; the simulator makes it wait as the port does."""
    line = b""
    while not line.endswith(b"\n"):
        if waiting.poll(5):
            line += sys.stdin.buffer.read(1)
    return line


waiting = select.poll()
waiting.register(sys.stdin, select.POLLIN)
while True:
    print(json.dumps(carry_out(*json.loads(read_line()))))
