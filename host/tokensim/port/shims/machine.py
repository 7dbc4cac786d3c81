"""machine, as far as the firmware uses it: each call goes to the simulated board."""

from _hashing import run_at
from _i2c import I2C, SoftI2C  # noqa: F401
from _pin import Pin, number_of  # noqa: F401
from _simulator import call
from _strict import integer, module, not_simulated, positional, readable

_NAMES = (
    "ADC ADCBlock DAC DEEPSLEEP DEEPSLEEP_RESET EXT0_WAKE EXT1_WAKE HARD_RESET I2C I2S PIN_WAKE"
    " PWM PWRON_RESET Pin RTC SDCard SLEEP SOFT_RESET SPI Signal SoftI2C SoftSPI TIMER_WAKE"
    " TOUCHPAD_WAKE Timer TouchPad UART ULP_WAKE WDT WDT_RESET bitstream deepsleep dht_readinto"
    " disable_irq enable_irq freq idle lightsleep mem16 mem32 mem8 reset reset_cause sleep"
    " soft_reset time_pulse_us unique_id wake_reason"
)
PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5
PIN_WAKE = EXT0_WAKE = 2
EXT1_WAKE, TIMER_WAKE, TOUCHPAD_WAKE, ULP_WAKE = 3, 4, 5, 6
SLEEP, DEEPSLEEP = 2, 4
_MEMORY_MAX = 2048  # bytes
_only = {}  # singletons by class


@positional(0)
def reset():
    """Reset the board; does not return."""
    call(b"R")
    raise SystemExit


@positional(0)
def soft_reset():
    """Start the firmware again on the same chip; does not return."""
    raise SystemExit


def deepsleep(*time_ms):
    """Sleep until a pin wakes the chip, or the time is over; then the chip restarts.

    Does not return; raises ValueError if a watched pin cannot wake the chip.
    """
    duration = integer(time_ms[0]) if time_ms else 0
    try:
        call(b"S", max(0, duration).to_bytes(4, "little"))
    except OSError:
        raise ValueError("wake-up pin not supported") from None
    raise SystemExit


@positional(0)
def reset_cause():
    """Return the cause of the last start."""
    return call(b"c")[0]


@positional(0)
def wake_reason():
    """Return what ended the deep sleep before this start, 0 if there was none."""
    return call(b"c")[1]


@positional(0, 1)
def freq(*hertz):
    """Return the processor's frequency, or set it."""
    if not hertz:
        return int.from_bytes(call(b"q"), "little")
    try:
        call(b"q", (integer(hertz[0]) & 0xFFFFFFFF).to_bytes(4, "little"))
    except OSError:
        message = "frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz"
        raise ValueError(message) from None
    run_at(hertz[0])
    return None


@positional(0)
def unique_id():
    """Return the chip's number: six bytes."""
    return call(b"u")


@positional(0)
def idle():
    """Do nothing: the simulated chip has no other tasks."""


@positional(0)
def disable_irq():
    """Switch interrupts off; return the state before, for enable_irq()."""
    call(b"D", b"\0")
    return 0


@positional(1)
def enable_irq(state):
    """Restore a state of interrupts from disable_irq()."""
    integer(state)
    call(b"D", b"\1")


class _Registers:
    """mem32: the simulated registers by their addresses; any other address crashes the chip.

    A call stands for machine code on a board: see tokensim/port/replacements/hmac_burst.py.
    """

    def __getitem__(self, address):
        value = int.from_bytes(call(b"x", _word(address)), "little")
        return value - (value >> 31 << 32)  # signed, as on the port

    def __setitem__(self, address, value):
        call(b"Y", _word(address) + _word(value))

    def __call__(self, at, block, key, count, patience):
        limits = bytes([key]) + count.to_bytes(2, "little") + patience.to_bytes(2, "little")
        answer = call(b"B", _word(at) + limits, bytes(block))
        block[:] = answer[2:]
        return int.from_bytes(answer[:2], "little")


def _word(value):
    """Return the bytes of a word for mem32: the lowest 32 bits of an int, as the port takes."""
    if not isinstance(value, int):
        integer(value)  # raises
    return (value & 0xFFFFFFFF).to_bytes(4, "little")


mem32 = _Registers()


class ADC:
    """An analogue-to-digital converter at a pin."""

    ATTN_0DB, ATTN_2_5DB, ATTN_6DB, ATTN_11DB = 0, 1, 2, 3
    WIDTH_9BIT, WIDTH_10BIT, WIDTH_11BIT, WIDTH_12BIT = 9, 10, 11, 12
    atten = block = init = read = read_u16 = width = not_simulated

    def __init__(self, pin, *positional, atten=0):
        if positional:
            raise TypeError("extra positional arguments given")
        self._number = number_of(pin)
        self.read_uv()  # raises if the pin has no converter
        if not 0 <= integer(atten) <= 3:
            raise ValueError("invalid atten")

    def read_uv(self):
        """Return the voltage at the pin in microvolts, calibrated."""
        try:
            return int.from_bytes(call(b"a", self._number), "little")
        except OSError:
            raise ValueError("invalid pin") from None


class RTC:
    """The chip's own RTC; only its memory is simulated, which survives a reset."""

    datetime = init = not_simulated

    def __new__(cls, *none):
        if none:
            raise TypeError("function takes 0 positional arguments but %d were given" % len(none))
        return _only.setdefault(cls, object.__new__(cls))

    @positional(1, 2)
    def memory(self, *data):
        """Return the memory, or set it: up to 2,048 bytes."""
        if not data:
            return call(b"m")
        data = readable(data[0])
        if len(data) > _MEMORY_MAX:
            raise ValueError("buffer too long")
        call(b"M", data)
        return None


class WDT:
    """The watchdog, which resets the board unless it is fed in time."""

    def __new__(cls, id=0, timeout=5000):
        if integer(id) != 0:
            raise ValueError
        if integer(timeout) <= 0:
            raise ValueError("WDT timeout too short")
        return _only.setdefault(cls, object.__new__(cls))

    def __init__(self, id=0, timeout=5000):
        self._timeout = timeout.to_bytes(4, "little")
        self.feed()

    def feed(self):
        """Restart the time-out."""
        call(b"d", self._timeout)


MODULE = module(_NAMES, globals())
