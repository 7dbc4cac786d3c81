"""What the system knows of the computer's clock: adjtimex(2), ntp_adjtime(2), w32tm."""

import ctypes
import sys

import pytest

from tokenctl.clock import computer
from tokenctl.clock.computer import judged, judged_windows

STA_PLL, STA_UNSYNC = 0x0001, 0x0040  # <sys/timex.h>
TIME_OK, TIME_ERROR = 0, 5

ENGLISH = """\
Leap Indicator: {leap}(no warning)
Stratum: 4 (secondary reference - syncd by (S)NTP)
Precision: -23 (119.209ns per tick)
"""
GERMAN = "Sprungindikator: {leap}(keine Warnung)\nStratum: 4 (Sekundärreferenz)\n"


def test_a_synchronised_one():
    clock = judged(TIME_OK, STA_PLL, 40_000, 2_000)
    assert clock.synchronised is True
    assert 0.002 <= clock.uncertainty <= 0.04


@pytest.mark.parametrize(
    ("state", "status"), [(TIME_ERROR, STA_UNSYNC), (TIME_ERROR, 0), (TIME_OK, STA_UNSYNC)]
)
def test_one_that_is_not(state, status):
    clock = judged(state, status, 16_000_000, 16_000_000)
    assert clock.synchronised is False
    assert clock.uncertainty > 60


def test_its_own_estimate_counts_where_it_is_worse():
    assert judged(TIME_OK, STA_PLL, 1_000, 300_000).uncertainty == pytest.approx(0.3)


@pytest.mark.parametrize("text", [ENGLISH, GERMAN])
def test_windows(text):
    assert judged_windows(0, text.format(leap=0)).synchronised is True
    assert judged_windows(0, text.format(leap=3)).synchronised is False


@pytest.mark.parametrize(
    ("code", "text"),
    [(1, ""), (0, ""), (0, "?"), (2147943458, "The service has not been started.")],
)
def test_windows_that_does_not_say(code, text):
    assert judged_windows(code, text).synchronised is None


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux lays it out")
def test_the_structure_is_the_kernel_s():
    """<linux/timex.h> on 64 bits: 208 bytes, status at 40."""
    assert ctypes.sizeof(computer._Timex) >= 208
    if ctypes.sizeof(ctypes.c_long) == 8:
        assert computer._Timex.maxerror.offset == 24
        assert computer._Timex.esterror.offset == 32
        assert computer._Timex.status.offset == 40


def test_this_computer_s_can_be_asked():
    assert computer.read().synchronised in (True, False, None)


def test_a_system_without_the_call_says_nothing(monkeypatch):
    monkeypatch.setattr(computer.sys, "platform", "win32")  # which has no w32tm here
    assert computer.read() == computer.UNKNOWN
