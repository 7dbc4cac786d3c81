"""Whether the computer's own clock is right, as far as the system knows.

Linux and the BSDs, macOS too, have it in the kernel (adjtimex, ntp_adjtime: RFC 5905,
appendix A.5.5.1, "modes = 0" reads and changes nothing), Windows in its time service.
"""

import ctypes
import re
import subprocess
import sys
from dataclasses import dataclass

_TIME_ERROR = 5  # what the call returns while the clock is not synchronised
_STA_UNSYNC = 0x40
_US = 1e-6
_LEAST = 0.005  # seconds: nobody's clock is known to be better over a network
_WINDOWS = 0.1  # seconds: what its time service keeps to
_UNKNOWN = 1.0
_UNSYNCHRONISED = 3600.0
# The kernel lets maxerror grow by 500 ppm, as if its clock ran free; one that was
# steered keeps within some 20 ppm.
_GROWTH = 20


@dataclass(frozen=True)
class ComputerClock:
    """`synchronised` is None if the system does not say; `uncertainty` (s) bounds the error."""

    synchronised: bool | None
    uncertainty: float


UNKNOWN = ComputerClock(None, _UNKNOWN)


class _Timex(ctypes.Structure):
    """The beginning of struct timex, the same on Linux, macOS and the BSDs; the rest is padding."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 64),
    )


def read() -> ComputerClock:
    """Return what the system knows about the computer's clock."""
    try:
        return _windows() if sys.platform == "win32" else _kernel()
    except (OSError, AttributeError, subprocess.SubprocessError):
        return UNKNOWN


def _kernel() -> ComputerClock:
    library = ctypes.CDLL(None, use_errno=True)
    call = library.adjtimex if sys.platform == "linux" else library.ntp_adjtime
    timex = _Timex()
    state = call(ctypes.byref(timex))
    return UNKNOWN if state < 0 else judged(state, timex.status, timex.maxerror, timex.esterror)


def judged(state: int, status: int, maxerror: int, esterror: int) -> ComputerClock:
    """Interpret the kernel's answer; its errors are in microseconds."""
    if state == _TIME_ERROR or status & _STA_UNSYNC:
        return ComputerClock(False, _UNSYNCHRONISED)
    return ComputerClock(True, max(_LEAST, esterror * _US, maxerror * _US / _GROWTH))


def _windows() -> ComputerClock:
    command = ["w32tm", "/query", "/status"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    return judged_windows(done.returncode, done.stdout)


def judged_windows(code: int, text: str) -> ComputerClock:
    """Interpret the output of `w32tm /query /status`, in any language: only the numbers count.

    Its first line is the leap indicator, of which 3 says that the clock is not synchronised.
    """
    lines = text.splitlines()
    leap = re.search(r":\s*(\d)", lines[0]) if lines else None
    if code or leap is None:
        return UNKNOWN
    return (
        ComputerClock(False, _UNSYNCHRONISED) if leap[1] == "3" else ComputerClock(True, _WINDOWS)
    )
