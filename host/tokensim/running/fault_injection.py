"""Faults of a board that can be injected while a token runs, for `tokenctl doctor` to find.

They last until the token ends; changes to flash and clock chip last longer. A restart of the
firmware does not repair them.
"""

from collections.abc import Callable

from tokensim.board.board import NoClockChip
from tokensim.chips.ds3231 import DS3231
from tokensim.chips.pcf8563 import PCF8563
from tokensim.running.chip import Chip

_LAST_SECTOR_BUT = 3
_LOW_MV = 3300
_NOISE = 0.003  # part of the bytes that are corrupted: about every fifth line


class NoSuchPart(Exception):
    """The board does not have the part that should fail; the message is a sentence."""


def _no_panel(chip: Chip) -> None:
    chip.board.bus.detach(chip.board.panel.ADDRESS)


def _no_clock_chip(chip: Chip) -> None:
    chip.board.bus.detach(chip.board.rtc.ADDRESS)


def _other_clock_chip(chip: Chip) -> None:
    _no_clock_chip(chip)
    other = PCF8563 if isinstance(chip.board.rtc, DS3231) else DS3231
    chip.board.bus.attach(other(chip.time.now))


def _stopped_oscillator(chip: Chip) -> None:
    chip.board.rtc.lose_power()
    chip.board.save()


def _dead_cell(chip: Chip) -> None:
    chip.board.cell_is_dead = True


def _stuck_bus(chip: Chip) -> None:
    chip.board.bus.stuck = True


def _stuck_button(chip: Chip) -> None:
    chip.board.button.edges.clear()
    chip.board.button.pressed = True


def _bad_sector(chip: Chip) -> None:
    flash = chip.board.flash
    flash.wear_out(flash.size // flash.sector - _LAST_SECTOR_BUT)


def _noisy_line(chip: Chip) -> None:
    chip.uart.noise = _NOISE


def _low_battery(chip: Chip) -> None:
    if "battery" not in chip.board.wiring.definition:
        raise NoSuchPart("this board measures no battery")
    chip.board.battery_mv = _LOW_MV


def _stuck_random(chip: Chip) -> None:
    chip.board.random_is_stuck = True


FAULTS: dict[str, Callable[[Chip], None]] = {
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


def inject(chip: Chip, fault: str) -> None:
    """Inflict one of FAULTS on a running board; raise NoSuchPart."""
    try:
        FAULTS[fault](chip)
    except NoClockChip as error:
        raise NoSuchPart(str(error)) from None
    except KeyError:
        raise NoSuchPart("what would fail is not there any more") from None
