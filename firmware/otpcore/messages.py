"""Messages of the link: JSON objects, cut into lines and reassembled.

From the computer: {"request_id", "method", "params"}. From the token, for each request, any
number of notices {"request_id", "notice"}, then one {"request_id", "result"} or {"request_id",
"error": {"code", "reason", "value"}}; the last two are optional. The id is random, made
once for a request and kept when it is sent again: a writing request's is stored with its
change. docs/protocol.md has the methods.
"""

import json

from otpcore import lines

PROTOCOL = 1
MESSAGE_MAX = 2048  # bytes of JSON
REQUEST_ID = "request_id"
LINE_BYTES = "line_max"  # of a request: how long the lines of its answer may be
ID_LENGTH = 8  # characters of base64, six random bytes
# Bytes of payload in a line, and how often it is sent. Where lines do not get through,
# shorter ones may: a message of which one was never acknowledged begins again in the next way.
ATTEMPTS = ((lines.PAYLOAD_MAX, 8), (40, 8), (16, 24))


def attempts(request):
    """Return the ATTEMPTS for the answer to a request, which may ask for long lines."""
    long = request.get(LINE_BYTES)
    if isinstance(long, int) and lines.LINE_MAX < long <= lines.LONG_MAX:
        return ((long - lines.OVERHEAD, 3),) + ATTEMPTS
    return ATTEMPTS


def dump(message):
    """Return a message as compact JSON in UTF-8."""
    try:  # CPython's would escape what is not ASCII, and MicroPython's reader breaks surrogates
        text = json.dumps(message, separators=(",", ":"), ensure_ascii=False)  # pyright: ignore
    except TypeError:  # MicroPython knows no ensure_ascii, and never escapes
        text = json.dumps(message, separators=(",", ":"))
    return text.encode()


def load(data):
    """Return the JSON object that `data` (bytes) holds, or None if it is not one."""
    try:
        text = str(data, "utf-8")
        if not text.rstrip().endswith(
            "}"
        ):  # MicroPython 1.24 takes an object of which the end is lacking
            return None
        message = json.loads(text)
    except (ValueError, UnicodeError, RuntimeError, MemoryError):  # the last two: nested too deep
        return None
    return message if isinstance(message, dict) else None


def cut(number, data, part_kind, end_kind, size=lines.PAYLOAD_MAX):
    """Return an iterator of the encoded lines of a message.

    It has `number` (0 to 0xffff) and `data` (bytes); `size` is the payload's in a line.
    Raises ValueError if it is too long.
    """
    if len(data) > MESSAGE_MAX:
        raise ValueError("the message has more than %d bytes" % MESSAGE_MAX)
    count = max(1, (len(data) + size - 1) // size)
    return (
        lines.encode(
            number,
            part,
            end_kind if part == count - 1 else part_kind,
            data[part * size : (part + 1) * size],
        )
        for part in range(count)
    )


class Assembler:
    """Reassembles one direction's lines. A new message replaces an incomplete one."""

    def __init__(self, part_kind, end_kind):
        self._kinds = (part_kind, end_kind)
        self._end = end_kind
        self._number = None
        self._next = 0
        self._parts = b""

    def take(self, line):
        """Take a Line of this direction; return (acknowledge, message bytes or None).

        A line seen before is acknowledged and dropped; one that leaves a gap is
        not acknowledged, so that its sender begins the message again. A message
        that is too long ends as an empty one, which is not JSON.
        """
        if line.kind not in self._kinds:
            return False, None
        if line.message == self._number and line.part < self._next:
            return True, None
        if line.part == 0:
            self._number, self._next, self._parts = line.message, 0, b""
        elif line.message != self._number or line.part != self._next:
            return False, None
        if self._parts is not None:
            parts = self._parts + line.payload
            self._parts = parts if len(parts) <= MESSAGE_MAX else None
        self._next += 1
        if line.kind != self._end:
            return True, None
        whole, self._parts = self._parts or b"", b""
        self._next = 256  # whatever repeats of this message come: seen
        return True, whole
