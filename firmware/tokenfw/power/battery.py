"""The battery: its voltage through a divider, and what that says about its charge.

A lithium cell's voltage says little between full and empty: the charge comes from a curve
of one under a light load, and is good to some ten per cent. Under a load, and when it is
cold, a cell shows less than it holds, so that it counts as empty only when it was so
several times in a row, and for a while. A protected cell cuts itself off below some 2.5 V: less
means that none is connected, and that something else feeds the token. A chip whose eFuses have
no calibration of the ADC refuses to measure: there it is as if none were.
"""

import time

from micropython import const

_SAMPLES = const(8)
_IN_A_ROW = const(3)
_APART_MS = const(500)
_NO_CELL_MV = const(2300)
# Millivolts and per cent, between which it is linear: a cell of 4.2 V discharged in five hours.
_CURVE = ((3300, 0), (3500, 7), (3650, 18), (3750, 38), (3850, 60), (4000, 82), (4150, 100))


class Battery:
    """`read_uv()` gives microvolts at the ADC; `definition` is the board definition's battery.

    `millivolts` is what look() saw last, `there` whether that is a cell's, `low` whether it wants
    a warning, `empty` whether the token should end what it does.
    """

    def __init__(self, read_uv, definition):
        self._read_uv = read_uv
        self._upper, self._lower = definition["upper_ohms"], definition["lower_ohms"]
        self._warn, self._empty = definition["warn_mv"], definition["empty_mv"]
        self.millivolts = 0
        self.there = self.low = self.empty = False
        self._empties = 0  # looks in a row that found it so
        self._looked = time.ticks_add(time.ticks_ms(), -_APART_MS)
        self.look()

    def look(self):
        """Measure, unless that was done just now."""
        now = time.ticks_ms()
        if 0 <= time.ticks_diff(now, self._looked) < _APART_MS:
            return
        self._looked = now
        try:
            at_pin = sum(self._read_uv() // 1000 for _ in range(_SAMPLES)) // _SAMPLES
        except OSError:
            at_pin = 0
        self.millivolts = at_pin * ((self._upper + self._lower) // 100) // (self._lower // 100)
        self.there = self.millivolts > _NO_CELL_MV
        self.low = self.there and self.millivolts <= self._warn
        empty = self.there and self.millivolts <= self._empty
        self._empties = self._empties + 1 if empty else 0
        self.empty = self._empties >= _IN_A_ROW

    def percent(self):
        """Return the charge that is left, about."""
        below = _CURVE[0]
        for above in _CURVE:
            if self.millivolts <= above[0]:
                rise, run = above[1] - below[1], max(1, above[0] - below[0])
                return below[1] + max(0, self.millivolts - below[0]) * rise // run
            below = above
        return 100
