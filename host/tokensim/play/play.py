"""Plays a script on a token in simulated time, and takes its screenshots.

The board is new, its serial number and clock are fixed, and nothing depends on the speed
of this computer: the same script gives the same screenshots. While a request of tokenctl
waits for the user, the orders in its block are carried out.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from otpcore.errors import NotPressed, Refused, WireError
from tokenctl.device.token import Token
from tokenctl.errors import TokenctlError
from tokensim.board.board import Parts
from tokensim.link.transport import SimulatedTransport
from tokensim.play.script import REQUESTS, Order, Script, next_moment
from tokensim.running.simulator import FirmwareFault
from tokensim.token import SimulatedToken

_WARM_UP = 2  # seconds from power-up to the beginning of the script
_SHORT, _LONG = 0.1, 1.0  # seconds that the button is down
_GAP = 0.15  # seconds between two presses
_SETTLE = 0.4  # seconds until the screen shows the effect of a press
_STILL, _LOOKS = 0.05, 10  # seconds for which a picture must not change, and how many attempts
_OK_FROM = 4  # digits of a PIN, from which OK precedes the digits in the choices
_S = 1_000_000_000  # nanoseconds


class PlayFailed(Exception):
    """An order cannot be carried out; the message is a sentence that begins with the line."""


@dataclass(frozen=True)
class Screenshot:
    """What the OLED showed: pixels (rows of 0 and 1), and brightness (0 to 1)."""

    name: str
    pixels: list[bytes]
    brightness: float


def play(
    script: Script, panel: str | None = None, on_note: Callable[[str], None] = lambda note: None
) -> list[Screenshot]:
    """Return the screenshots of a script; `panel` overrides the script's.

    `on_note` is called with a sentence when a request was refused at the token, or timed out,
    which a script may intend. Raises PlayFailed.
    """
    start = script.start - _WARM_UP
    with SimulatedToken(start=start, parts=Parts(panel=panel or script.panel)) as token:
        token.wait(script.start - token.time.now() / _S)
        player = _Player(token, on_note)
        for seconds in player.carry_out(script.orders):
            token.wait(seconds)
        return player.taken


class _Player:
    """Carries out orders; `taken` is the list of screenshots so far."""

    def __init__(self, token: SimulatedToken, on_note: Callable[[str], None]) -> None:
        self.taken: list[Screenshot] = []
        self._token = token
        self._on_note = on_note

    def carry_out(self, orders: Iterable[Order]) -> Iterator[float]:
        """Carry out orders step by step; yields how long (s) to wait before the next step."""
        for order in orders:
            try:
                yield from self._steps(order)
            except (NotPressed, Refused) as refusal:
                self._on_note(f"line {order.line}: {refusal}")
            except (WireError, TokenctlError, FirmwareFault, TimeoutError, ValueError) as error:
                raise PlayFailed(f"line {order.line}: {error}") from None

    def _steps(self, order: Order) -> Iterator[float]:
        word, value = order.word, order.value
        if word in REQUESTS:
            yield from self._request(order)
        elif word.endswith("press"):
            yield from self._press(word.startswith("second"), *[_SHORT] * value)
        elif word.endswith("hold"):
            yield from self._press(word.startswith("second"), value)
        elif word == "enter":
            yield from self._press(False, *_presses(value))
        elif word == "wait":
            yield value
        elif word == "at":
            yield self._until(next_moment(value, self._token.time.now() / _S))
        elif word == "screenshot":
            yield from self._take(value)
        elif word == "clock":
            self._token.shift_clock(value)
        else:
            self._supply(word, value)

    def _take(self, name: str) -> Iterator[float]:
        """Take a screenshot once the picture does not change, so not during a transfer."""
        seen, look = None, self._token.look()
        for _ in range(_LOOKS):
            if look == seen:
                break
            yield _STILL
            seen, look = look, self._token.look()
        self.taken.append(Screenshot(name, *look))

    def _until(self, moment: float) -> float:
        left = moment - self._token.time.now() / _S
        if left < 0:
            raise ValueError("that time has passed already")
        return left

    def _press(self, second: bool, *presses: float) -> Iterator[float]:
        if not self._token.chip.powered:
            raise ValueError("the token is off")
        for number, seconds in enumerate(presses):
            if number:
                yield _GAP
            self._token.press(seconds, second=second)
            yield seconds
        yield _SETTLE

    def _supply(self, word: str, value: str) -> None:
        if word == "battery":
            self._token.power_off(battery=False)
        elif value == "off":
            self._token.power_off()
        else:
            self._token.power_on()
            self._token.wait_until_ready()

    def _request(self, order: Order) -> Iterator[float]:
        """Make a request as tokenctl; the rest of its block is carried out after it."""
        if not self._token.chip.powered:
            raise ValueError("the token is off")
        somebody = _Somebody(self._token, self.carry_out(order.block))

        def noticed(notice: str) -> None:
            if notice == "acknowledge":  # it came between presses of the script
                self._token.press(_SHORT)
            else:
                somebody.begin()

        with Token(somebody, noticed) as computer:
            try:
                _make(computer, order)
            except (NotPressed, Refused) as refusal:
                self._on_note(f"line {order.line}: {refusal}")
        yield from somebody.rest()


def _make(computer: Token, order: Order) -> None:
    if order.word == "provision":
        computer.add(order.value)
    elif order.word == "sync":
        computer.sync()
    elif order.word == "lock":
        computer.lock()
    elif order.word == "wipe":
        computer.wipe()
    elif order.value == "set":
        computer.change_pin()
    else:
        computer.clear_pin()


def _presses(pin: str) -> Iterator[float]:
    """Yield the duration (s) of each press that enters a PIN with one button."""
    for count, digit in enumerate(pin):
        yield from [_SHORT] * (int(digit) + (count >= _OK_FROM))
        yield _LONG
    yield _LONG  # OK


class _Somebody(SimulatedTransport):
    """The computer's end, with a user at the token who does `steps` once the token asks."""

    def __init__(self, token: SimulatedToken, steps: Iterator[float]) -> None:
        super().__init__(token)
        token.transport()
        self._steps = steps
        self._next: float | None = None  # when the next step is due, once it has asked

    def begin(self) -> None:
        """Start the steps: the token asks."""
        if self._next is None:
            self._next = self.monotonic()

    def read(self, timeout: float) -> bytes:
        """See SimulatedTransport."""
        end = self.monotonic() + timeout
        while True:
            now = self.monotonic()
            while self._next is not None and self._next <= now:
                self._next = now + next(self._steps, float("inf"))
            until = end if self._next is None else min(end, self._next)
            data = super().read(max(0.0, until - now))
            if data or self.monotonic() >= end:
                return data

    def rest(self) -> Iterator[float]:
        """Carry out the steps that are left, the first one when it is due."""
        if self._next is None:
            self._next = self.monotonic()
        if self._next < float("inf"):
            yield max(0.0, self._next - self.monotonic())
            yield from self._steps
