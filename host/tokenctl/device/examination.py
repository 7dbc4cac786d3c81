"""The validators of a token's answers to an examination; docs/protocol.md says what they mean."""

from dataclasses import dataclass
from typing import Any

from tokenctl.device.validators import flag, having, number, optional, several, text

_WORD = text(32)
_BYTES = number(0, 1 << 32)
_SECTORS = number(0, 1 << 20)
_ADDRESS = number(0, 127)
_PIXELS = number(0, 4096)

_BUS = having(frequency=number(0, 10_000_000), addresses=several(_ADDRESS, 128), stuck=flag)
_PANEL = having(driver=_WORD, address=_ADDRESS, width=_PIXELS, height=_PIXELS)
_CLOCK = having(named=optional(_WORD), used=_WORD, found=optional(_WORD), stopped=optional(flag))
BOARD = having(
    chip=_WORD,
    machine=text(128),
    bus=_BUS,
    panel=_PANEL,
    clock=_CLOCK,
    buttons=number(0, 8),
    held=several(number(0, 7), 8),
    usb_power=optional(flag),
    battery=flag,
    random=flag,
)
BOARD_SHOWN = ("chip", "machine", "buttons", "held", "usb_power", "battery", "random")
FLASH_SHOWN = ("sectors", "free", "unclean", "damaged", "begun")
FLASH = having(sectors=_SECTORS, free=_SECTORS, unclean=_SECTORS, damaged=_SECTORS, begun=_BYTES)
MEMORY_SHOWN = ("free", "used", "block", "idf_free", "idf_block", "word")
CHIP_WORD = 4  # bytes of a pointer on an ESP32
_MEMORY = having(free=_BYTES, used=_BYTES, block=_BYTES, idf_free=_BYTES, idf_block=_BYTES)
BUTTON = having(pressed=optional(number(0, 7)))


def memory(value: Any) -> dict[str, Any]:
    """Return the answer to examine.memory; that of older firmware has no word."""
    answer = _MEMORY(value)
    return answer | {"word": number(1, 64)(answer.get("word", CHIP_WORD))}


@dataclass(frozen=True)
class LinkQuality:
    """Of the `lines` that the computer wrote, how many had to be written `again`.

    `round_trip_ms` is the time of a short request and its answer, `bytes_per_second` the speed of
    a long answer.
    """

    lines: int
    again: int
    round_trip_ms: float
    bytes_per_second: int
