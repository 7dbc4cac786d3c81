"""Faults of a board that can be inflicted on a running token, for `tokenctl doctor` to find.

They last until the token ends; changes to flash and clock chip last longer. A restart of the
firmware does not repair them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tokensim.board import NoClockChip
from tokensim.chips.ds3231 import DS3231
from tokensim.chips.pcf8563 import PCF8563

if TYPE_CHECKING:
    from tokensim.token import SimulatedToken

_LAST_SECTOR_BUT = 3
_LOW_MV = 3300
_NOISE = 0.003  # part of the bytes that are corrupted: about every fifth line


class NoSuchPart(Exception):
    """The board does not have the part that should fail; the message is a sentence."""


def _no_panel(token: "SimulatedToken") -> None:
    token.board.bus.detach(token.board.panel.ADDRESS)


def _no_clock_chip(token: "SimulatedToken") -> None:
    token.board.bus.detach(token.board.rtc.ADDRESS)


def _other_clock_chip(token: "SimulatedToken") -> None:
    _no_clock_chip(token)
    other = PCF8563 if isinstance(token.board.rtc, DS3231) else DS3231
    token.board.bus.attach(other(token.time.now))


def _stopped_oscillator(token: "SimulatedToken") -> None:
    token.board.rtc.lose_power()
    token.board.save()


def _dead_cell(token: "SimulatedToken") -> None:
    token.board.cell_is_dead = True


def _stuck_bus(token: "SimulatedToken") -> None:
    token.board.bus.stuck = True


def _stuck_button(token: "SimulatedToken") -> None:
    token.board.button.edges.clear()
    token.board.button.pressed = True


def _bad_sector(token: "SimulatedToken") -> None:
    flash = token.board.flash
    flash.wear_out(flash.size // flash.sector - _LAST_SECTOR_BUT)


def _noisy_line(token: "SimulatedToken") -> None:
    token.simulator.uart.noise = _NOISE


def _low_battery(token: "SimulatedToken") -> None:
    if "battery" not in token.board.wiring.definition:
        raise NoSuchPart("this board measures no battery")
    token.board.battery_mv = _LOW_MV


def _stuck_random(token: "SimulatedToken") -> None:
    token.board.random_is_stuck = True


FAULTS: dict[str, Callable[["SimulatedToken"], None]] = {
    "no-panel": _no_panel,
    "no-clock-chip": _no_clock_chip,
    "other-clock-chip": _other_clock_chip,
    "stopped-oscillator": _stopped_oscillator,
    "dead-cell": _dead_cell,
    "stuck-bus": _stuck_bus,
    "stuck-button": _stuck_button,
    "bad-sector": _bad_sector,
    "noisy-line": _noisy_line,
    "low-battery": _low_battery,
    "stuck-random": _stuck_random,
}


def inflict(token: "SimulatedToken", fault: str) -> None:
    """Inflict one of FAULTS on a running token; raise NoSuchPart."""
    try:
        FAULTS[fault](token)
    except NoClockChip as error:
        raise NoSuchPart(str(error)) from None
    except KeyError:
        raise NoSuchPart("what would fail is not there any more") from None
