"""The battery: its voltage through a divider, and an estimate of its charge.

A lithium cell's voltage changes little between full and empty: the charge is read from a curve
of a cell under a light load, and is accurate to some ten per cent. Under load, or when cold, a
cell's voltage is lower, so it counts as empty only after several low measurements in a row, at
least half a second apart. A protected cell cuts itself off below some 2.5 V: a lower voltage
means that no cell is connected, and something else feeds the token. A chip without an ADC
calibration in its eFuses refuses to measure: it is treated as a board without a cell.
"""

import time

from micropython import const

_SAMPLES = const(8)
_IN_A_ROW = const(3)
_APART_MS = const(500)
_NO_CELL_MV = const(2300)
# Millivolts and per cent, linear in between: a 4.2 V cell that is discharged in five hours.
_CURVE = ((3300, 0), (3500, 7), (3650, 18), (3750, 38), (3850, 60), (4000, 82), (4150, 100))


class Battery:
    """`read_uv()` returns microvolts at the ADC; `definition` is the board definition's battery.

    `millivolts` is the cell's voltage at the last look(), `there` whether a cell is connected,
    `low` whether to warn, `empty` whether the token should switch off.
    """

    def __init__(self, read_uv, definition):
        self._read_uv = read_uv
        self._upper, self._lower = definition["upper_ohms"], definition["lower_ohms"]
        self._warn, self._empty = definition["warn_mv"], definition["empty_mv"]
        self.millivolts = 0
        self.there = self.low = self.empty = False
        self._empties = 0  # measurements in a row at or below the empty voltage
        self._looked = time.ticks_add(time.ticks_ms(), -_APART_MS)
        self.look()

    def look(self):
        """Measure, unless the last measurement is less than half a second old."""
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
        """Return the estimated charge, 0 to 100."""
        below = _CURVE[0]
        for above in _CURVE:
            if self.millivolts <= above[0]:
                rise, run = above[1] - below[1], max(1, above[0] - below[0])
                return below[1] + max(0, self.millivolts - below[0]) * rise // run
            below = above
        return 100
