"""The log of clock changes: the last KEPT times that the clock was set, in a few bytes each.

Offsets and uncertainties are in tenths of a millisecond and saturate; times are seconds
since 2000 and reach beyond 2099; corrections are in tens of parts per billion.
"""

import binascii
import struct

from otpcore import utc

KEPT = 32  # entries

# Flags; append-only.
CONFIRMED = 1  # somebody at the token said yes
FIRST = 2  # no time was known before: the offset means nothing
CALIBRATED = 4  # the drift's correction was computed anew
UNDERWAY = 8  # the chip was about to be set; what it holds is not known to be right
NO_CHIP = 16  # the chip did not answer: the processor counts on

_FORMAT = ">IiHhB"  # time, offset, uncertainty, correction, flags
_SIZE = 13
_OFFSET_MAX = 0x7FFFFFFF  # tenths of a millisecond: 59 hours
_WITHIN_MAX = 0xFFFF  # 6.5 s
_CORRECTION_MAX = 0x7FFF  # tens of ppb
_EPOCH = utc.to_unix(2000, 1, 1)


class Entry:
    """One set of the clock.

    `time` is the Unix time (s) that was set, `offset` by how much that moved the clock and
    `within` how well that is known (both in tenths of a millisecond), `correction` what
    was taken off the chip's rate from then on (ppb), `flags` some of the flags above.
    """

    def __init__(self, time, offset, within, correction=0, flags=0):
        self.time = time
        self.offset = max(-_OFFSET_MAX, min(_OFFSET_MAX, offset))
        self.within = max(0, min(_WITHIN_MAX, within))
        self.correction = correction
        self.flags = flags

    @property
    def saturated(self):
        """Whether the offset or its uncertainty is larger than an entry holds."""
        return abs(self.offset) == _OFFSET_MAX or self.within == _WITHIN_MAX


def dump(entries):
    """Return the last KEPT entries as text."""
    data = b""
    for each in entries[-KEPT:]:
        correction = max(-_CORRECTION_MAX, min(_CORRECTION_MAX, each.correction // 10))
        time = each.time - _EPOCH
        data += struct.pack(_FORMAT, time, each.offset, each.within, correction, each.flags)
    return binascii.b2a_base64(data).decode().strip()


def load(text):
    """Return the list of entries that `text` holds, the oldest first; ValueError if it is none."""
    data = binascii.a2b_base64(text)
    if len(data) % _SIZE:
        raise ValueError("this is no clock log")
    found = []
    for start in range(0, len(data), _SIZE):
        time, offset, within, correction, flags = struct.unpack(
            _FORMAT, data[start : start + _SIZE]
        )
        found.append(Entry(time + _EPOCH, offset, within, correction * 10, flags))
    return found
