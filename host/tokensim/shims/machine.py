"""machine, as far as the firmware uses it: each call goes to the simulated board."""

from _simulator import call

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5


def reset():
    """Reset the board; does not return."""
    call(b"R")
    raise SystemExit


def deepsleep():
    """Sleep until a pin wakes the chip, which starts anew then; does not return."""
    call(b"S")
    raise SystemExit


def reset_cause():
    """Return why the board started."""
    return call(b"c")[0]


def freq(hertz=None):
    """Return the processor's frequency, or set it."""
    if hertz is None:
        return int.from_bytes(call(b"q"), "little")
    call(b"q", hertz.to_bytes(4, "little"))
    return None


def unique_id():
    """Return the chip's number: six bytes."""
    return call(b"u")


class Pin:
    """A pin; pulled-up inputs read 1 until a simulated button pulls them down."""

    IN, OUT, PULL_UP, PULL_DOWN = 1, 3, 2, 1

    def __init__(self, number, mode=-1, pull=-1, *, hold=None):
        self._number = bytes([number])
        if hold is not None:
            call(b"h", self._number + bytes([hold]))

    def value(self):
        """Return the level."""
        return call(b"p", self._number)[0]


def number_of(pin):
    """Return a pin's number, as a byte: for the shim of esp32."""
    return pin._number


class ADC:
    """A pin that measures."""

    ATTN_11DB = 3

    def __init__(self, pin, *, atten=0):
        self._number = number_of(pin)

    def read_uv(self):
        """Return the microvolts at the pin, as the chip's calibration has them."""
        return int.from_bytes(call(b"a", self._number), "little")


class I2C:
    """A bus; every transfer takes the time that it takes on the wire."""

    def __init__(self, number, *, scl, sda, freq=400000):
        call(b"f", freq.to_bytes(4, "little"))

    def writeto(self, address, data):
        """Write `data`."""
        call(b"i", bytes([address, 0, 0]) + data)

    def readfrom_mem_into(self, address, register, buffer):
        """Read registers into `buffer`."""
        size = len(buffer).to_bytes(2, "little")
        buffer[:] = call(b"i", bytes([address]) + size + bytes([register]))

    def readfrom_mem(self, address, register, size):
        """Read `size` registers."""
        return call(b"i", bytes([address]) + size.to_bytes(2, "little") + bytes([register]))

    def writeto_mem(self, address, register, data):
        """Write registers."""
        call(b"i", bytes([address, 0, 0, register]) + data)


class RTC:
    """The chip's own RTC, of which only the memory is used: it outlives a reset."""

    def memory(self, data=None):
        """Return the memory, or set it."""
        return call(b"m") if data is None else call(b"M", data)


class WDT:
    """The watchdog: resets the board when it is not fed."""

    def __init__(self, id=0, timeout=5000):
        self._timeout = timeout.to_bytes(4, "little")
        self.feed()

    def feed(self):
        """Put the reset off by the whole time-out."""
        call(b"d", self._timeout)
