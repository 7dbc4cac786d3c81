"""machine.Pin for the simulated chip."""

from _simulator import call, level_at
from _strict import not_simulated

_IN, _OUT, _OPEN_DRAIN = 1, 3, 7
_NOWHERE = 255
_pins = {}


class Pin:
    """A pin; there is one object for each number. A simulated button pulls an input low."""

    IN, OUT, OPEN_DRAIN, PULL_UP, PULL_DOWN = _IN, _OUT, _OPEN_DRAIN, 2, 1
    IRQ_RISING, IRQ_FALLING, WAKE_LOW, WAKE_HIGH = 1, 2, 4, 5
    DRIVE_0, DRIVE_1, DRIVE_2, DRIVE_3 = range(4)
    board = irq = not_simulated

    def __new__(cls, number, *settings, **named):
        if isinstance(number, Pin):
            number = number._number[0]
        if not isinstance(number, int) or not 0 <= number < 256:
            raise ValueError("invalid pin")
        if number not in _pins:
            try:
                call(b"o", bytes([number]))
            except OSError:
                raise ValueError("invalid pin") from None
            _pins[number] = object.__new__(cls)
            _pins[number]._number = bytes([number])
            _pins[number]._place = -1
        return _pins[number]

    def __init__(self, number, *settings, **named):
        if settings or named:
            self.init(*settings, **named)

    def init(self, *settings, **named):
        """Set mode, pull and output level, or whether its pad is held."""
        if len(settings) > 2:
            raise TypeError("extra positional arguments given")
        self._set(*settings, **named)

    def _set(self, mode=-1, pull=-1, *, value=None, drive=0, hold=None):
        if mode is not None and mode in (_OUT, _OPEN_DRAIN):
            try:
                call(b"o", self._number + b"\1")
            except OSError:
                raise ValueError("pin can only be input") from None
        if value is not None:
            self.value(value)
        mode = 0 if mode is None or mode < 0 else mode & 7
        pull = 255 if pull == -1 else (pull or 0) & 3
        call(b"O", self._number + bytes([mode, pull]))
        if hold is not None:
            call(b"h", self._number + bytes([bool(hold)]))

    def value(self, *level):
        """Return the level, or set the output level."""
        if not level:
            known = level_at(self._place)
            if known is None:
                known, place = call(b"p", self._number)
                self._place = -1 if place == _NOWHERE else place
            return known
        call(b"P", self._number + bytes([bool(level[0])]))
        return None

    __call__ = value

    def on(self):
        """Set the output level to 1."""
        self.value(1)

    def off(self):
        """Set the output level to 0."""
        self.value(0)

    def __str__(self):
        return "Pin(%d)" % self._number[0]

    __repr__ = __str__


def number_of(pin):
    """Return the number, as a byte, of a Pin or of a pin's number."""
    return Pin(pin)._number
