"""A scenario as text: what a user does with a token, one order per line, in simulated time.

    at 2026-11-24 12:00:05            # UTC; at the top: when the scenario begins
    panel ssd1306-32                  # at the top: another OLED
    provision otpauth://totp/…        # the indented block is carried out when the token asks
      screenshot question
      press
    press [COUNT], hold [SECONDS]     # the button; second-press, second-hold: the second one
    enter PIN                         # digit by digit, with the first button
    wait SECONDS, at [DATE] TIME, screenshot NAME
    sync, pin set, pin clear, lock, wipe      # requests of tokenctl; may have a block, too
    power off, power on, battery out, clock SECONDS   # the last one shifts the clock chip's time

Empty lines are ignored, and so is a # at the beginning or after a blank, with what follows it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from otpcore import pins
from tokenctl.enrol.enrolment import from_draft
from tokenctl.enrol.uri import otpauth
from tokenctl.errors import SourceError
from tokensim.board.wiring import PANELS

START = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)  # if a script does not say
REQUESTS = ("provision", "sync", "pin", "lock", "wipe")  # may ask at the token
_COUNT_MAX = 1000
_SECONDS_MAX = 86_400 * 366
_HOLD_MAX = 60
_YEARS = range(2020, 2100)  # supported by the clock chips and the firmware
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COMMENT = re.compile(r"(^|\s)#.*")

Moment = tuple[datetime, bool]  # the value of an `at`, and whether it has a date


class BadScript(Exception):
    """The text is not a script; the message is a sentence that begins with the line's number."""


@dataclass(frozen=True, repr=False)  # a repr would show secrets
class Order:
    """One order: its `word`, its `value` if it takes one, and its `block` of orders."""

    line: int
    word: str
    value: Any = None
    block: tuple["Order", ...] = ()


@dataclass(frozen=True, repr=False)
class Script:
    """A script: its beginning (Unix time, s), its panel (None: the board's), and its orders."""

    start: int
    panel: str | None
    orders: tuple[Order, ...]

    def screenshots(self) -> list[str]:
        """Return the names of its screenshots, in order."""
        return [order.value for order in _all(self.orders) if order.word == "screenshot"]


def parse(text: str) -> Script:
    """Return the script; raise BadScript."""
    orders = list(_blocks(_lines(text)))
    start, panel = START, None
    while orders and orders[0].word in ("at", "panel"):
        first = orders.pop(0)
        if first.word == "at":
            start = _moment(first.value, start)
        else:
            panel = first.value
    if not orders:
        raise BadScript("line 1: this script has no commands")
    taken: set[str] = set()
    for order in _all(orders):
        if order.word == "panel":
            raise BadScript(f"line {order.line}: panel must be at the top of a script")
        if order.word == "screenshot":
            if order.value in taken:
                raise BadScript(f"line {order.line}: there already is a screenshot {order.value}")
            taken.add(order.value)
    return Script(int(start.timestamp()), panel, tuple(orders))


def _all(orders: Iterable["Order"]) -> Iterator[Order]:
    for order in orders:
        yield order
        yield from order.block


def _lines(text: str) -> Iterator[tuple[bool, Order]]:
    """Yield each order, and whether it is indented."""
    for number, line in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub("", line).rstrip()
        if not line:
            continue
        word, _, rest = line.strip().partition(" ")
        try:
            yield line[0].isspace(), Order(number, word, _value(word, rest.strip()))
        except ValueError as error:
            raise BadScript(f"line {number}: {error}") from None


def _blocks(lines: Iterator[tuple[bool, Order]]) -> Iterator[Order]:
    """Yield the orders that are not indented, each with its indented block."""
    head: Order | None = None
    block: list[Order] = []
    for indented, order in lines:
        if indented and (head is None or head.word not in REQUESTS):
            names = ", ".join(REQUESTS)
            raise BadScript(f"line {order.line}: only below {names} can a line be indented")
        if indented and order.word in REQUESTS:
            raise BadScript(f"line {order.line}: {order.word} is not possible while the token asks")
        if indented:
            block.append(order)
            continue
        if head is not None:
            yield Order(head.line, head.word, head.value, tuple(block))
        head, block = order, []
    if head is not None:
        yield Order(head.line, head.word, head.value, tuple(block))


def _value(word: str, text: str) -> Any:
    """Return the value of an order; raise ValueError with a sentence that shows no secret."""
    if word not in _TAKES:
        shown = word if re.fullmatch(r"[\w-]{1,20}", word) else "this"
        raise ValueError(f"there is no command {shown}; the commands are {', '.join(_TAKES)}")
    return _TAKES[word](text)


def _nothing(text: str) -> None:
    if text:
        raise ValueError("this command takes no argument")


def _count(text: str) -> int:
    if not text:
        return 1
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= _COUNT_MAX:
        raise ValueError(f"the count must be a number from 1 to {_COUNT_MAX}")
    return int(text)


def _seconds(low: float, high: float, usual: float | None = None) -> Callable[[str], float]:
    def read(text: str) -> float:
        if not text and usual is not None:
            return usual
        number = re.fullmatch(r"[+-]?[0-9]{1,9}(\.[0-9]{1,6})?", text)
        if number is None or not low <= float(text) <= high:
            raise ValueError(f"a number of seconds is required here, from {low:g} to {high:g}")
        return float(text)

    return read


def _choice(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"this command requires {' or '.join(choices)}")
        return text

    return read


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(
            "a screenshot name consists of lowercase letters, digits and single hyphens"
        )
    return text


def _pin(text: str) -> str:
    if not re.fullmatch(r"[0-9]+", text) or not pins.MIN <= len(text) <= pins.MAX:
        raise ValueError(f"a PIN has {pins.MIN} to {pins.MAX} digits")
    return text


def _uri(text: str) -> Any:
    try:
        return from_draft(otpauth.parse(text)).account
    except SourceError as error:
        raise ValueError(str(error)) from None


def _time(text: str) -> Moment:
    """Return the Moment of an `at`; raise ValueError."""
    for form, dated in (("%Y-%m-%d %H:%M:%S", True), ("%H:%M:%S", False)):
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if dated and moment.year not in _YEARS:
            raise ValueError(f"the year must be from {_YEARS[0]} to {_YEARS[-1]}")
        return moment, dated
    raise ValueError("a time is written as 2026-11-24 12:00:05 or 12:00:05, and is UTC")


def _moment(value: Moment, now: datetime) -> datetime:
    moment, dated = value
    return moment if dated else datetime.combine(now.date(), moment.timetz())


def next_moment(value: Moment, now: float) -> float:
    """Return the Unix time of an `at`; without a date it is the day of `now`."""
    return _moment(value, datetime.fromtimestamp(0, UTC) + timedelta(seconds=now)).timestamp()


_TAKES: dict[str, Callable[[str], Any]] = {
    "press": _count,
    "hold": _seconds(0.01, _HOLD_MAX, 1.2),
    "second-press": _count,
    "second-hold": _seconds(0.01, _HOLD_MAX, 1.2),
    "enter": _pin,
    "wait": _seconds(0, _SECONDS_MAX),
    "at": _time,
    "screenshot": _name,
    "provision": _uri,
    "sync": _nothing,
    "pin": _choice("set", "clear"),
    "lock": _nothing,
    "wipe": _nothing,
    "power": _choice("off", "on"),
    "battery": _choice("out"),
    "clock": _seconds(-_SECONDS_MAX, _SECONDS_MAX),
    "panel": _choice(*PANELS),
}
