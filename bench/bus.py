"""Bytes and time on the I2C bus for the screens, against a driver that sends full frames.

In simulated time, with the real firmware: a token gets two accounts, one whose
names fit their lines and one whose names scroll, and its button is pressed. The
traffic of the display and of the clock chip is counted separately, including
address bytes. The other driver sends six commands in a write each, and then the
whole picture in one write, as micropython-lib's ssd1306 does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.figure import Figure, share
from bench.link import READ
from tokenctl.device.token import Token
from tokenctl.enrol.enrolment import enrol
from tokensim.board.board import Parts
from tokensim.board.i2c import FAST, Bus, Device
from tokensim.board.wiring import PANELS
from tokensim.token import SimulatedToken

_ACCOUNTS = (
    ("Example", "someone@host", b"12345678901234567890"),
    ("Example Bank", "someone0001@example.net", b"a secret of 20 bytes"),
)
_PERIOD = 30  # seconds, of both accounts
_DARK = 31  # seconds after the last press, when the panel is off
_PAGE = 128  # bytes of picture in a page of the display
_TICKS = 12  # seconds that are measured
_COMMANDS, _COMMAND = 6, 3  # of a full frame: writes, and bytes of each with its address
_NEW_CODE, _TICK = 400, 100  # bytes: the aims for any panel


class Tapped:
    """A chip that records how many bytes each write and read takes on the bus."""

    def __init__(self, chip: Device) -> None:
        self._chip = chip
        self.transfers: list[int] = []

    @property
    def ADDRESS(self) -> int:  # noqa: N802 (see Device)
        """The chip's address."""
        return self._chip.ADDRESS

    def start(self) -> None:
        """Pass a START on to the chip."""
        self._chip.start()

    def write(self, data: bytes) -> None:
        """Record a write, with its address byte, and pass it on."""
        self.transfers.append(1 + len(data))
        self._chip.write(data)

    def read(self, n: int) -> bytes:
        """Record a read, with its address byte, and pass it on."""
        self.transfers.append(1 + n)
        return self._chip.read(n)


@dataclass
class Traffic:
    """Bytes to and from each chip during some time, and the duration (ms) of the display's."""

    display: int = 0
    rtc: int = 0
    display_ms: float = 0


class Bench:
    """A token with its two chips tapped. `full_frame` is the bytes of the first picture."""

    def __init__(self, board: SimulatedToken, display: Tapped, rtc: Tapped) -> None:
        self.board = board
        self._display, self._rtc = display, rtc
        self._token = Token(board.transport(), lambda notice: board.press(after=READ))
        self.full_frame = sum(size for size in display.transfers if size > _PAGE)

    def set_up(self) -> None:
        """Put the two accounts on the token, set its clock, and wait until it is dark."""
        for issuer, account, secret in _ACCOUNTS:
            self._token.add(enrol(issuer, account, secret).account)
        self._token.sync()
        self.board.wait(_DARK)

    def wait_until(self, second: float) -> None:
        """Wait for a moment of the code's period, in seconds."""
        now = self.board.time.now() / 1e9
        self.board.wait((second - now) % _PERIOD)

    def press(self) -> None:
        """Press shortly, and wait until the picture is complete."""
        self.board.press()
        self.board.wait(0.4)

    def during(self, action: Callable[[], None]) -> Traffic:
        """Return the Traffic of `action`."""
        display, rtc = len(self._display.transfers), len(self._rtc.transfers)
        action()
        written = self._display.transfers[display:]
        return Traffic(sum(written), sum(self._rtc.transfers[rtc:]), _milliseconds(written))

    def ticks(self, count: int) -> list[Traffic]:
        """Return the Traffic of each of the next seconds."""
        return [self.during(lambda: self.board.wait(1)) for _ in range(count)]


def _milliseconds(writes: list[int]) -> float:
    """Return the duration (ms) at 400 kHz of writes of so many bytes, address included."""
    bus = Bus(FAST)
    return sum(bus.duration_ns(size - 1, 0) for size in writes) / 1e6


def _plain_frame(rows: int) -> list[int]:
    """Return the sizes of the writes of a full frame by the other driver, address included."""
    return [_COMMAND] * _COMMANDS + [2 + _PAGE * rows // 8]


@contextmanager
def bench(panel: str | None = None) -> Iterator[Bench]:
    """Start a token with its chips tapped from the start; the panel is one of PANELS."""
    board = SimulatedToken(parts=Parts(panel=panel))
    display, rtc = Tapped(board.board.panel), Tapped(board.board.rtc)
    for chip in (display, rtc):
        board.board.bus.detach(chip.ADDRESS)
        board.board.bus.attach(chip)
    with board:
        board.wait(0.5)
        yield Bench(board, display, rtc)


@dataclass(frozen=True)
class Measured:
    """The traffic to the display in several cases, and bytes to and from the clock chip.

    `plain_frame` is a frame of the other driver, `full_frame` that of the firmware's start.
    """

    plain_frame: Traffic
    full_frame: int
    first_screen: Traffic
    next_account: Traffic
    tick: Traffic
    moving_tick: Traffic
    new_code: Traffic
    rtc_second: int
    rtc_wake: int


def measure_all() -> dict[str, Measured]:
    """Measure with each panel."""
    return {panel: measure(panel) for panel in PANELS}


def measure(panel: str | None = None) -> Measured:
    """Operate a token with this panel and count; of several seconds take the worst.

    The tick is a usual one: names that scroll or take turns do so in some seconds only.
    """
    with bench(panel) as token:
        token.set_up()
        token.wait_until(2.2)
        first = token.during(token.press)
        searching = token.during(lambda: token.wait_until(4.5))
        ticks = token.ticks(_TICKS)
        token.wait_until(_PERIOD - 0.5)
        new_codes = token.ticks(1)
        token.wait_until(1.2)  # before it goes dark
        following = token.during(token.press)
        token.wait_until(4.5)
        moving = token.ticks(_TICKS)
        token.wait_until(_PERIOD - 0.5)
        new_codes += token.ticks(1)
        plain = _plain_frame(token.board.board.panel.height)
    return Measured(
        plain_frame=Traffic(sum(plain), 0, _milliseconds(plain)),
        full_frame=token.full_frame,
        first_screen=first,
        next_account=following,
        tick=sorted(ticks, key=_bytes)[(len(ticks) - 1) // 2],
        moving_tick=max(ticks + moving, key=_bytes),
        new_code=max(new_codes, key=_bytes),
        rtc_second=max(each.rtc for each in ticks),
        rtc_wake=first.rtc + searching.rtc,
    )


def _bytes(traffic: Traffic) -> int:
    return traffic.display


def figures(panels: dict[str, Measured]) -> list[Figure]:
    """Return bytes and time for each panel, and for the first one the clock chip's bytes."""
    figures: list[Figure] = []
    for panel, measured in panels.items():
        group = f"Bytes on the I2C bus, {panel}"
        plain = measured.plain_frame
        for name, traffic, aim in (
            ("display: a full frame, plainly", plain, None),
            ("display: the code screen after a press", measured.first_screen, None),
            ("display: the next account's", measured.next_account, None),
            ("display: a new code", measured.new_code, _NEW_CODE),
            ("display: one second's tick", measured.tick, _TICK),
            ("display: the same, names moving", measured.moving_tick, None),
        ):
            figures.append(Figure(group, name, traffic.display, "bytes", at_most=aim))
            figures.append(Figure(group, "   at 400 kHz", traffic.display_ms, "ms"))
            if traffic is not plain:
                size = plain.display
                figures.append(share(group, "   of a full frame", traffic.display, size))
    group, measured = next((f"Bytes on the I2C bus, {name}", each) for name, each in panels.items())
    for name, size in (
        ("clock chip: one second", measured.rtc_second),
        ("clock chip: the 2.3 s after a press", measured.rtc_wake),
    ):
        figures.append(Figure(group, name, size, "bytes"))
    return figures
