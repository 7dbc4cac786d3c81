"""The request channel, instead of tokensim's shim of that name: run.mjs has the pipe."""

from struct import unpack as _unpack

import _bridge
from uctypes import addressof

LOOK_US = 5
FOREVER = b"\xff\xff\xff\x7f"
_INTERRUPTED = 4  # errno of a request that a character of the input has ended
_clock = bytearray(8)
_place = addressof(_clock)


def microseconds():
    """Return the time since the start in microseconds, not wrapped."""
    _bridge.time(_place)
    return _unpack("<Q", _clock)[0]


def spend(duration):
    """Let so many microseconds pass."""
    _bridge.spend(duration)


def wait(milliseconds, listens):
    """Return False: ask the simulator."""
    return False


def output():
    """Do nothing: the next wait asks the simulator."""


def has_input():
    """Return whether a byte certainly waits; if False, ask the simulator."""
    return _bridge.has_input()


def has_none():
    """Return False: ask the simulator."""
    return False


may_look = is_quiet = has_none


def level_at(place):
    """Return None: ask the simulator for a pin's level."""
    return


def flash_file():
    """Return None: ask the simulator for the flash's contents."""
    return


def take(count):
    """Return `count` bytes of the serial port's input, waiting until all are there."""
    data = b""
    while len(data) < count:
        if not _bridge.unread():
            call(b"w", FOREVER + b"\1")
        part = bytearray(min(_bridge.unread(), count - len(data)))
        if part:
            _bridge.input(addressof(part), len(part))
            data += bytes(part)
    return data


def call(operation, payload=b"", more=b""):
    """Send an operation (one byte) and return the reply's bytes; raise OSError if it failed.

    `more` follows the payload.
    """
    data = bytearray(_ask(operation, bytes(payload) + bytes(more)))
    if not data:
        return b""
    _bridge.take(addressof(data))
    return bytes(data)


def call_into(operation, payload, buffer):
    """Send an operation whose reply fills `buffer`, without allocating for it."""
    if _ask(operation, payload):
        _bridge.take(addressof(buffer))


def _ask(operation, payload):
    """Send a request; return how many bytes its reply has."""
    count = _bridge.ask(operation[0], addressof(payload) if payload else 0, len(payload))
    if count < 0:
        if -count == _INTERRUPTED:
            raise KeyboardInterrupt
        raise OSError(-count)
    return count
