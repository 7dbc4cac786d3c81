"""Lines of the link: framing and error detection, the same on both ends.

    : MMMM PP K payload CCCCCCCC newline         (without the blanks)

MMMM is the message's number, PP the part's number in it, both hex: together the
line's sequence. K is the kind, one letter, upper case for what is from the
computer. The payload is any bytes but newlines. CCCCCCCC is the CRC-32 of all
between the colon and itself. A line has at most 128 bytes: the board's input
buffer holds 259 and drops what does not fit, so a sender waits for the
acknowledgement of a line before the next one. A line from the token may have
LONG_MAX, for a computer that says so.
"""

import binascii

LINE_MAX = 128  # bytes, with colon and newline
OVERHEAD = 17
PAYLOAD_MAX = LINE_MAX - OVERHEAD
LONG_MAX = 256  # bytes: the board's port takes 128 at once, and the rest in 11 ms

# The kinds differ by direction, so that an echo is never mistaken for an answer.
REQUEST_PART, REQUEST_END, REQUEST_ACK = "P", "E", "A"  # computer to token; A: of a token's line
REPLY_PART, REPLY_END, REPLY_ACK = "p", "e", "a"  # token to computer; a: of a computer's line
KINDS = "PEApea"

_NEWLINE = b"\n"
_COLON = b":"


class Line:
    """One line. `message` 0 to 0xffff, `part` 0 to 0xff, `kind` one of KINDS, `payload` bytes.

    `arrived` is when its first byte arrived, or a later moment if that is not known.
    """

    arrived = None

    def __init__(self, message, part, kind, payload=b""):
        self.message = message
        self.part = part
        self.kind = kind
        self.payload = payload


def encode(message, part, kind, payload=b""):
    """Return a line as bytes; ValueError if the payload is too long or has a newline."""
    most = LONG_MAX - OVERHEAD if kind in "pe" else PAYLOAD_MAX
    if len(payload) > most or _NEWLINE in payload:
        raise ValueError("the payload does not fit a line")
    body = ("%04x%02x%s" % (message, part, kind)).encode() + payload
    return b":%s%08x\n" % (body, binascii.crc32(body))


def decode(body, line_max=LINE_MAX):
    """Return the Line in the bytes between a colon and the newline, or None."""
    if not OVERHEAD - 2 <= len(body) <= line_max - 2:
        return None
    try:
        if body[-8:] != b"%08x" % binascii.crc32(body[:-8]):
            return None
        kind = chr(body[6])
        if kind not in KINDS:
            return None
        return Line(int(body[:4], 16), int(body[4:6], 16), kind, bytes(body[7:-8]))
    except ValueError:
        return None


class LineReader:
    """Finds lines of up to `line_max` bytes in a stream that may contain anything else, too."""

    def __init__(self, line_max=LINE_MAX):
        self._line_max = line_max
        self._rest = b""
        self._begun = None  # when the first byte of the rest was there

    def feed(self, data, first=None, last=None):
        """Take bytes; return the list of Lines that they complete. Never raises.

        Times, in any unit: `first` is when the first byte arrived, `last` when all had.
        """
        found = []
        begun = self._begun if self._rest else first
        pieces = (self._rest + data).split(_NEWLINE)
        for piece in pieces[:-1]:
            line = _last_line(piece, self._line_max)
            if line:
                whole = len(piece) - OVERHEAD + 1 <= len(line.payload)
                line.arrived = begun if whole else last
                found.append(line)
            begun = last
        # What has no newline yet can grow into a line of which this is all but CR or newline.
        self._rest = pieces[-1][-self._line_max :]
        self._begun = begun if len(self._rest) == len(pieces[-1]) else last
        return found


def _last_line(piece, line_max):
    """Return the Line that ends `piece`, trying every colon as its beginning."""
    if piece[-1:] == b"\r":
        piece = piece[:-1]
    start = piece.find(_COLON, max(0, len(piece) - line_max + 1))
    while start >= 0:
        line = decode(piece[start + 1 :], line_max)
        if line:
            return line
        start = piece.find(_COLON, start + 1)
    return None
