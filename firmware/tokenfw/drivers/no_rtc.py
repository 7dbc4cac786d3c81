"""In place of a clock chip's driver on a board where none was found."""

from micropython import const

_ENODEV = const(19)  # what machine.I2C reports when nobody answers


class NoRTC:
    """Answers as a chip that is not there: OSError to everything."""

    NAME = "none"
    ACCURACY = 20000  # parts per billion, of the ESP32's own crystal, which is all there is
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
