"""The record of faults: how often in a row the firmware failed, and where.

It lies in memory that a reset keeps and a power-up clears, so that a fault
that comes back ends in a fault screen and not in a loop of resets. A run leaves a mark
there while it goes on, which only the end of a run with a noted fault takes away: where
the chip restarted itself and finds the mark, it has crashed (an ESP32 does not tell a
crash from a reset that was asked for).
"""

import io
import sys

from micropython import const

_MAX = const(3)  # faults in a row, then the fault screen
_HOPELESS = const(6)  # and this many where the fault screen fails, too
_MARK = b"F:"  # then the count, with the bit that a run goes on, and the text
_RUNS = const(0x80)
_COUNT = const(0x7F)
_TEXT_MAX = const(60)  # characters
_SIZE_MAX = const(243)  # bytes, were all of them of four
_FRONT_MAX = const(40)  # bytes that another module may have put in front: sleep.py, ahead.py


class Record:
    """`memory(data)` sets and `memory()` gives the bytes that outlive a reset.

    `count` is how many runs in a row ended in a fault, `text` what the last one was, `front`
    what lies in front of the record.
    """

    def __init__(self, memory):
        self._memory = memory
        self.count, self.text, self._runs = 0, "", False
        data = memory()
        at = data.rfind(_MARK)  # no place has a colon after a capital
        if not 0 <= at <= _FRONT_MAX:
            at = 0
        self.front = data[:at] if at else b""
        data = data[at:]
        if data[:2] == _MARK and 2 < len(data) <= _SIZE_MAX:
            try:
                self.text = str(data[3:], "utf-8")
                self.count, self._runs = data[2] & _COUNT, data[2] & _RUNS != 0
            except ValueError:
                pass  # what a short loss of power left

    def begin(self, restarted, hung, woken):
        """A run begins: count how the one before it ended, and leave the mark.

        The chip `restarted` itself, the watchdog ended what `hung`, or a press has `woken`
        it; else the power came, or somebody reset it: that begins anew.
        """
        if hung:
            self._count("hung")
        elif restarted:
            if self._runs:
                self._count("crashed")
        elif woken:
            if self._runs:
                self.count = 0  # it went to sleep: that run was a good one; end() says otherwise
        else:
            self.count, self.text = 0, ""
        self._write(_RUNS)

    def keeps_coming_back(self):
        """Return whether it is time to stop resetting."""
        return self.count >= _MAX

    def is_hopeless(self):
        """Return whether the fault screen fails as well."""
        return self.count >= _HOPELESS

    def note(self, fault):
        """A run ends: count a fault, and keep its class and place.

        Its message is not kept: that might hold a secret.
        """
        self._count("%s %s" % (type(fault).__name__, _place(fault)))
        self._write(0)

    def clear(self):
        """Forget the faults, if there were any; the run goes on."""
        if self.count:
            self.count, self.text = 0, ""
            self._write(_RUNS)

    def leave(self, front):
        """Have this in front of the record from now on, and nothing left of what was there."""
        self._memory(bytes(len(self._memory())))
        self.front = front
        self._write(_RUNS)

    def end(self, front):
        """A run ends as it was meant to: the next one finds this in front of the record.

        A press that wakes the token from a sleep after that finds the faults as they were.
        """
        self.front = front
        self._write(0)

    def try_once_more(self):
        """A run ends: the next one is the last try before the fault is shown again."""
        self.count = _MAX - 1
        self._write(0)

    def stands(self):
        """What shows the fault has run for a while: it is as if it had just come to that."""
        if self.count != _MAX:
            self.count = _MAX
            self._write(_RUNS)

    def _count(self, text):
        self.count, self.text = min(self.count + 1, _COUNT), text[:_TEXT_MAX]

    def _write(self, runs):
        self._memory(self.front + _MARK + bytes([self.count | runs]) + self.text.encode())


def _place(fault):
    """Return `file:line` of the innermost frame, from the lines `File "…", line N, in …`."""
    trace = io.StringIO()
    sys.print_exception(fault, trace)  # pyright: ignore[reportArgumentType]
    place = ""
    for line in trace.getvalue().split("\n"):  # pyright: ignore[reportAttributeAccessIssue]
        words = line.split('"')
        if len(words) == 3 and words[2].startswith(", line "):
            place = words[1].split("/")[-1] + ":" + words[2][7:].split(",")[0]
    return place
