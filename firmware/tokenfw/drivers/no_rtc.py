"""Stands in for a clock chip's driver on a board without one."""

from micropython import const

_ENODEV = const(19)  # machine.I2C's error if no chip answers


class NoRTC:
    """A clock chip that does not answer: every method raises OSError."""

    NAME = "none"
    ACCURACY = 20000  # parts per billion: of the ESP32's crystal, the only clock
    AGING_STEP = 0
    START_US = 0

    def read(self):
        """Raise OSError."""
        raise OSError(_ENODEV)

    def prepare(self, year, month, day, hour, minute, second):
        """Raise OSError."""
        raise OSError(_ENODEV)

    def start(self):
        """Raise OSError."""
        raise OSError(_ENODEV)
