"""The firmware's end of the simulator's request channel: one request, one reply.

Each reply says what time it is, how many bytes wait at the serial port, and how often the
firmware may look at either before the simulator is asked again: in simulated time, in which
nothing happens meanwhile. Each look takes LOOK_US, so that a loop of them comes to an end;
the next request says how many there were.
"""

import os

_requests = open("/dev/fd/" + os.getenv("TOKENSIM_REQUESTS"), "wb")  # noqa: SIM115
_replies = open("/dev/fd/" + os.getenv("TOKENSIM_REPLIES"), "rb")  # noqa: SIM115

LOOK_US = 5
_now = _granted = _looks = _unread = 0


def microseconds():
    """Return the time since the start in microseconds, not wrapped."""
    global _looks
    if _looks < _granted:
        _looks += 1
        return _now + _looks * LOOK_US
    call(b"t")
    return _now


def has_input():
    """Tell whether a byte certainly waits, which is read now; if not, the simulator knows."""
    global _looks, _unread
    if not _unread or _looks >= _granted:
        return False
    _unread -= 1
    _looks += 1
    return True


def call(operation, payload=b""):
    """Send an operation (one byte) and return the reply's bytes; OSError when it failed."""
    global _now, _granted, _looks, _unread
    head = operation + bytes([_looks]) + len(payload).to_bytes(4, "little")
    _requests.write(head + payload)
    head = _receive(15)
    _now, _granted, _looks = int.from_bytes(head[7:], "little"), head[5], 0
    _unread = max(0, head[6] - 1)  # one may have been promised already, and not yet read
    reply = _receive(int.from_bytes(head[1:5], "little"))
    if head[0]:
        raise OSError(head[0])
    return reply


def _receive(size):
    data = _replies.read(size)
    while len(data) < size:
        more = _replies.read(size - len(data))
        if not more:
            raise SystemExit  # the simulator is gone
        data += more
    return data
