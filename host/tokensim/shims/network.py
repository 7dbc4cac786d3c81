"""network, as far as the firmware uses it: a radio that is on or off, and finds nothing."""

from _simulator import call

STA_IF, AP_IF = 0, 1


class WLAN:
    """The radio."""

    def __init__(self, interface):
        self._on = False

    def active(self, on=None):
        """Switch it on or off, or tell whether it is on."""
        if on is not None:
            self._on = bool(on)
            call(b"n", bytes([self._on]))
        return self._on
