"""The firmware's end of the simulator's request channel: one request, one reply."""

import os

_requests = open("/dev/fd/" + os.getenv("TOKENSIM_REQUESTS"), "wb")  # noqa: SIM115
_replies = open("/dev/fd/" + os.getenv("TOKENSIM_REPLIES"), "rb")  # noqa: SIM115


def call(operation, payload=b""):
    """Send an operation (one byte) and return the reply's bytes; OSError when it failed."""
    _requests.write(operation + len(payload).to_bytes(4, "little") + payload)
    head = _receive(5)
    reply = _receive(int.from_bytes(head[1:], "little"))
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
