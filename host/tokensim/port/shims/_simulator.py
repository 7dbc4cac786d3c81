"""The firmware's end of the simulator's request channel: one request, one reply.

Each reply has the time, how many bytes wait at the serial port, the levels of the pins that were
read before, and how often the firmware may look at these, or into the flash, without asking the
simulator: in simulated time nothing changes meanwhile. Each look takes _LOOK_US, as long as a
request, so that a loop of them ends; the next request reports the time that the firmware has spent
on looks, on computing that takes a chip long, and on waiting.

It also has for how long nothing will happen that the firmware could notice, or that whoever runs
the simulator waits for. A wait that is over before needs no request; output is a reason for one.
"""

import os
import sys
from struct import pack as _pack
from struct import pack_into as _pack_into
from struct import unpack_from as _unpack

from micropython import const

_port = sys.stdin.buffer

_LOOK_US = const(5)
_STALE_US = const(1000)  # after so long the port may have input that is not known here
_MOST_US = const(1000000)  # the longest time that is spent before the simulator is told
FOREVER = b"\xff\xff\xff\x7f"
_LARGE = const(256)  # bytes of a payload that is sent separately, not copied after its head
_INTERRUPTED = const(4)  # errno of a request that an interrupting character has ended
_SMALL = const(16)  # bytes of a payload that fits the preallocated request
_COUNTED = const(255)  # bytes that wait, of which more may wait besides
_HEAD = const(8)  # bytes: the operation, three of the payload's length, four of microseconds
_request = bytearray(_HEAD + _SMALL)
_head = bytearray(20)
_now = _granted = _looks = _spent = _unread = _levels = _quiet = 0
_asked, _owed = False, 0
_requests = _replies = None


def connect():
    """Open the channel, before the first request."""
    global _requests, _replies
    _requests = open("/dev/fd/" + os.getenv("TOKENSIM_REQUESTS"), "wb")  # noqa: SIM115
    _replies = open("/dev/fd/" + os.getenv("TOKENSIM_REPLIES"), "rb")  # noqa: SIM115


def microseconds():
    """Return the time since the start in microseconds, not wrapped."""
    global _looks, _spent
    if _looks < _granted or _spent < _quiet:
        _looks += 1
        _spent += _LOOK_US
        return _now + _spent
    call(b"t")
    return _now


def spend(duration):
    """Let so many microseconds pass."""
    global _spent, _granted
    _spent += duration
    if _spent >= _STALE_US and _spent >= _quiet:
        _granted = 0
        if _spent >= _MOST_US:
            call(b"t")


def wait(milliseconds, listens):
    """Wait without a request, with `listens` also for input; return False if that needs one."""
    global _spent, _looks
    over = _spent + milliseconds * 1000
    if over >= _quiet or milliseconds <= 0 or (listens and _unread):
        return False
    _spent = over
    _looks = 0
    return True


def output():
    """Have the next wait tell the simulator that there is output."""
    global _quiet
    _quiet = 0


def is_quiet():
    """Return whether there is nothing, such as output, that the simulator has to be told of."""
    return _quiet > 0


def has_input():
    """Return whether a byte certainly waits; if False, ask the simulator."""
    return bool(_unread) and may_look()


def has_none():
    """Return whether certainly no byte waits; if False, ask the simulator."""
    return not _unread and may_look()


def may_look():
    """Use one of the looks that are left; return False if there is none."""
    global _looks, _spent
    if _looks >= _granted and _spent >= _quiet:
        return False
    _looks += 1
    _spent += _LOOK_US
    return True


def level_at(place):
    """Return the level of the pin at a place among those that were read; None: ask."""
    if place < 0 or not may_look():
        return None
    return _levels >> place & 1


def take(count):
    """Return `count` bytes of the serial port's input, waiting until all are there."""
    global _unread
    if 0 < count <= _unread:
        _unread -= count
        return _port.read(count)
    data = b""
    while len(data) < count:
        if not _unread:
            call(b"w", FOREVER + b"\1")
        part = min(_unread, count - len(data))
        _unread -= part
        data += _port.read(part)
    return data


def call(operation, payload=b"", more=b""):
    """Send an operation (one byte) and return the reply's bytes; raise OSError if it failed.

    `more` follows the payload.
    """
    global _owed
    _ask(operation, payload, more)
    if not _owed:
        return b""
    data = _replies.read(_owed)
    _owed -= len(data)
    while _owed:
        part = _replies.read(_owed)
        _owed -= _there(len(part))
        data += part
    return data


def flash_file():
    """Return the file with the flash's contents; None if there is none, or reads are counted."""
    name = str(call(b"F"), "utf-8")
    return open(name, "rb") if name and not os.getenv("TOKENSIM_COUNTED") else None


def call_into(operation, payload, buffer):
    """Send an operation whose reply fills `buffer`, without allocating for it."""
    global _owed
    _ask(operation, payload)
    _owed -= _replies.readinto(buffer)
    while _owed:
        _owed -= _there(_replies.readinto(memoryview(buffer)[-_owed:]))


def _ask(operation, payload, more=b""):
    """Send a request and read the head of its reply, which `_owed` bytes follow."""
    global _now, _granted, _looks, _spent, _unread, _levels, _quiet, _owed, _asked
    if _asked or _owed:  # an interrupt, or lack of memory, cut the last request short
        _catch_up()
    try:
        if more or len(payload) > _SMALL:
            _send(operation, payload, more)
        else:  # the usual case, which leaves no garbage
            size = len(payload)
            _pack_into("<BBHI", _request, 0, operation[0], size, 0, _spent)
            if size:
                _request[_HEAD : _HEAD + size] = payload
            _requests.write(_request, _HEAD + size)
    except OSError:
        raise SystemExit from None  # the simulator is gone
    _asked = True
    _looks = _spent = 0
    _there(_replies.readinto(_head))
    _asked = False
    _owed = _head[1] | _head[2] << 8 | _head[3] << 16
    _granted, _unread, _levels = _head[5], _head[6], _head[15]
    _now, _quiet = _unpack("<QxI", _head, 7)
    if _unread == _COUNTED:
        _quiet = 0
    if _head[0]:
        if _head[0] == _INTERRUPTED:
            raise KeyboardInterrupt
        raise OSError(_head[0])


def _send(operation, payload, more):
    size = len(payload) + len(more)
    head = operation + _pack("<BHI", size & 0xFF, size >> 8, _spent) + payload
    if len(more) > _LARGE:
        _requests.write(head)
        _requests.write(more)
    else:
        _requests.write(head + more)


def _catch_up():
    """Read the rest of an earlier reply."""
    global _asked, _owed
    if _asked:
        _there(_replies.readinto(_head))
        _owed = _head[1] | _head[2] << 8 | _head[3] << 16
        _asked = False
    while _owed:
        _owed -= _there(len(_replies.read(1)))


def _there(count):
    """Return `count`, the bytes read; if that is 0 the simulator is gone: raise SystemExit."""
    if not count:
        raise SystemExit
    return count
