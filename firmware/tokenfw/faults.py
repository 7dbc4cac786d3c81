"""The record of faults: how often in a row the firmware failed, and where.

It lies in memory that a reset keeps and a power-up clears, so that a fault
that comes back ends in a fault screen and not in a loop of resets.
"""

import io
import sys

from micropython import const

_MAX = const(3)  # faults in a row, then the fault screen
_MARK = b"F:"
_TEXT_MAX = const(60)


class Record:
    """`memory(data)` sets and `memory()` gives the bytes that outlive a reset."""

    def __init__(self, memory):
        self._memory = memory
        data = memory()
        self.count, self.text = 0, ""
        if data[:2] == _MARK and len(data) > 2:
            try:
                self.count, self.text = data[2], str(data[3:], "utf-8")
            except ValueError:
                pass  # what a short loss of power left

    def keeps_coming_back(self):
        """Tell whether it is time to stop resetting."""
        return self.count >= _MAX

    def note(self, fault):
        """Count a fault, and keep its class and place: its message might hold a secret."""
        self._write(min(self.count + 1, 255), "%s %s" % (type(fault).__name__, _place(fault)))

    def note_hang(self):
        """Count a run that the watchdog ended."""
        self._write(min(self.count + 1, 255), "hung")

    def clear(self):
        """Forget what was, if something was."""
        if self.count:
            self._write(0, "")

    def _write(self, count, text):
        self.count, self.text = count, text[:_TEXT_MAX]
        self._memory(_MARK + bytes([count]) + self.text.encode())


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
