"""What the tests of the clock chips' models share: physical time, and access as over the bus."""

from datetime import datetime

from hypothesis import strategies as st

SECOND = 1_000_000_000


class PhysicalTime:
    def __init__(self, ns=123_456_789):
        self.ns = ns

    def __call__(self):
        return self.ns


def read(chip, register, n=1):
    """Return n registers."""
    chip.start()
    chip.write(bytes([register]))
    chip.start()
    return chip.read(n)


def write(chip, register, *values):
    """Write registers."""
    chip.start()
    chip.write(bytes([register, *values]))


def bcd(number):
    """Return 0 to 99 as its two digits."""
    return int(str(number), 16)


dates = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31, 23, 59, 59)).map(
    lambda when: when.replace(microsecond=0)
)
