"""The record of faults: how often in a row the firmware failed, and where.

It is kept in the RTC memory, which a reset keeps and a power-up clears, so that a fault
that comes back leads to a fault screen and not to a loop of resets. A run sets a mark
there, which only an orderly end of the run clears: if the chip restarted itself and finds
the mark, it has crashed (an ESP32 does not distinguish a crash from a requested reset).
"""

import io
import sys

from micropython import const

_MAX = const(3)  # faults in a row, from which the fault screen is shown
_HOPELESS = const(6)  # faults in a row, from which the fault screen fails too
_MARK = b"F:"  # then a byte with the count and the mark of a run, and the text
_RUNS = const(0x80)
_COUNT = const(0x7F)
_TEXT_MAX = const(60)  # characters
_SIZE_MAX = const(243)  # bytes of a record, if each character has four
_FRONT_MAX = const(40)  # bytes that another module may put in front: sleep.py, boot_entropy.py


class Record:
    """The record in the RTC memory, which `memory(data)` sets and `memory()` returns.

    `count` is how many runs in a row ended in a fault, `text` describes the last fault, `front`
    is the bytes in front of the record.
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
                pass  # corrupted by a short loss of power

    def begin(self, restarted, hung, woken):
        """Begin a run: count how the previous one ended, and set the mark.

        The chip `restarted` itself, the watchdog ended it when it `hung`, or a press has
        `woken` it; after a power-up or an external reset (none of them) the count is 0.
        """
        if hung:
            self._count("hung")
        elif restarted:
            if self._runs:
                self._count("crashed")
        elif woken:
            if self._runs:
                self.count = 0  # it went to sleep without end(): a good run
        else:
            self.count, self.text = 0, ""
        self._write(_RUNS)

    def keeps_coming_back(self):
        """Return whether to show the fault instead of running again."""
        return self.count >= _MAX

    def is_hopeless(self):
        """Return whether the fault screen fails, too."""
        return self.count >= _HOPELESS

    def note(self, fault):
        """End a run in a fault: count it, and keep the exception's class and place.

        Its message is not kept: that might contain a secret.
        """
        self._count("%s %s" % (type(fault).__name__, _place(fault)))
        self._write(0)

    def clear(self):
        """Forget the faults, if any, in the middle of a run."""
        if self.count:
            self.count, self.text = 0, ""
            self._write(_RUNS)

    def leave(self, front):
        """Put `front` in front of the record, overwriting what was there, in a run."""
        self._memory(bytes(len(self._memory())))
        self.front = front
        self._write(_RUNS)

    def end(self, front):
        """End a run in order, and leave `front` in front of the record for the next one.

        Waking from a sleep after this does not reset the count.
        """
        self.front = front
        self._write(0)

    def try_once_more(self):
        """End a run, so that one more fault shows the fault screen again."""
        self.count = _MAX - 1
        self._write(0)

    def stands(self):
        """Note that the fault screen itself works: its own faults before do not count."""
        if self.count != _MAX:
            self.count = _MAX
            self._write(_RUNS)

    def _count(self, text):
        self.count, self.text = min(self.count + 1, _COUNT), text[:_TEXT_MAX]

    def _write(self, runs):
        self._memory(self.front + _MARK + bytes([self.count | runs]) + self.text.encode())


def _place(fault):
    """Return `file:line` of the innermost frame, parsed from `File "…", line N, in …`."""
    trace = io.StringIO()
    sys.print_exception(fault, trace)  # pyright: ignore[reportArgumentType]
    place = ""
    for line in trace.getvalue().split("\n"):  # pyright: ignore[reportAttributeAccessIssue]
        words = line.split('"')
        if len(words) == 3 and words[2].startswith(", line "):
            place = words[1].split("/")[-1] + ":" + words[2][7:].split(",")[0]
    return place
