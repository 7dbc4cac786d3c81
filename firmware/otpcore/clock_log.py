"""The log of clock changes: when the clock was set, in a few bytes each.

Offsets and uncertainties are in tenths of a millisecond and saturate; times are seconds
since 2000 and reach beyond 2099; corrections are in tens of parts per billion. One entry
can stand for several sets: see clock_log_compaction.py, which keeps the log short.
"""

import binascii
import struct

from otpcore import utc

# Flags; append-only.
CONFIRMED = 1  # somebody at the token said yes
FIRST = 2  # no time was known before: the offset means nothing
CALIBRATED = 4  # the drift's correction was computed anew
UNDERWAY = 8  # the chip was about to be set; what it holds is not known to be right
NO_CHIP = 16  # the chip did not answer: the processor counts on
RUN = 32  # several sets in a row; behind the entry follows how many
FOLDED = 64  # and not in a row: all that is left of older ones of a kind
GAP = 128  # between this one and the one before it there were others, which are folded

_FORMAT = ">IiHhB"  # time, offset, uncertainty, correction, flags
_SIZE = 13
_RUN_FORMAT = ">IHI"  # time of the first one, how many, the sum of what they moved
_RUN_SIZE = 10
_COUNT_MAX = 0xFFFF
_TOTAL_MAX = 0xFFFFFFFF  # ms
_OFFSET_MAX = 0x7FFFFFFF  # tenths of a millisecond: 59 hours
_UNCERTAINTY_MAX = 0xFFFF  # 6.5 s
_CORRECTION_MAX = 0x7FFF  # tens of ppb
_EPOCH = utc.to_unix(2000, 1, 1)


class Entry:
    """One set of the clock.

    `time` is the Unix time (s) that was set, `offset` by how much that moved the clock and
    `uncertainty` how well that is known (both in tenths of a millisecond), `correction` what
    was taken off the chip's rate from then on (ppb), `flags` some of the flags above.
    Of a RUN it is the last set, but `offset` is the sum; `first` is the time of the first one,
    `count` how many there were and `total` the sum of the amounts that they moved (ms).
    """

    def __init__(
        self, time, offset, uncertainty, correction=0, flags=0, first=None, count=1, total=None
    ):
        self.first = time if first is None else first
        self.count = min(count, _COUNT_MAX)
        self.total = min((abs(offset) + 9) // 10 if total is None else total, _TOTAL_MAX)
        self.time = time
        self.offset = max(-_OFFSET_MAX, min(_OFFSET_MAX, offset))
        self.uncertainty = max(0, min(_UNCERTAINTY_MAX, uncertainty))
        self.correction = correction
        self.flags = flags

    @property
    def saturated(self):
        """Whether the offset or its uncertainty is larger than an entry can hold."""
        return abs(self.offset) == _OFFSET_MAX or self.uncertainty == _UNCERTAINTY_MAX


def dump(entries):
    """Return the entries as text."""
    data = b""
    for each in entries:
        correction = max(-_CORRECTION_MAX, min(_CORRECTION_MAX, each.correction // 10))
        time = each.time - _EPOCH
        data += struct.pack(_FORMAT, time, each.offset, each.uncertainty, correction, each.flags)
        if each.flags & RUN:
            data += struct.pack(_RUN_FORMAT, each.first - _EPOCH, each.count, each.total)
    return binascii.b2a_base64(data).decode().strip()


def load(text):
    """Return the list of entries in `text`, the oldest first; ValueError if it is not a log."""
    data = binascii.a2b_base64(text)
    found = []
    start = 0
    while start < len(data):
        time, offset, uncertainty, correction, flags = _unpack(_FORMAT, data, start)
        start += _SIZE
        entry = Entry(time + _EPOCH, offset, uncertainty, correction * 10, flags)
        if flags & RUN:
            first, entry.count, entry.total = _unpack(_RUN_FORMAT, data, start)
            entry.first = first + _EPOCH
            start += _RUN_SIZE
        found.append(entry)
    return found


def _unpack(format, data, start):
    size = struct.calcsize(format)
    if start + size > len(data):
        raise ValueError("this is no clock log")
    return struct.unpack(format, data[start : start + size])
