"""What a token answers, as dataclasses, which programs get from tokenctl.device.token.

Their annotations have the validator of each field: see answer.py. accounts.py has the accounts,
methods.py what is checked of answers that have no class. docs/protocol.md says what the fields
mean.
"""

from dataclasses import dataclass
from typing import Annotated

from otpcore.account import COUNTER_MAX, PERIOD_MAX
from tokenctl.device.answer import Answer
from tokenctl.device.validators import (
    COUNT,
    NAME,
    SENTENCE,
    UNIX,
    WORD,
    flag,
    having,
    number,
    optional,
    several,
    text,
)

_RATE_MAX = 1_000_000_000  # parts per billion: a clock that stands still
_RATE = number(-_RATE_MAX, _RATE_MAX)
_BATTERY = having(millivolts=number(0, 100_000), percent=number(0, 100))
_CODE = text(10, "[0-9]{4,10}|[23456789BCDFGHJKMNPQRTVWXY]{5}")  # Steam's letters: no 0, O, 1, I, …


@dataclass(frozen=True)
class Identity(Answer):
    """Who the token is. `serial` is the chip's number, `protocol` the link's.

    `capabilities` are words for what it can do besides what protocol 1 could at first.

    `micropython` is the version of what it runs on, "" where it does not say.
    `development` says that it runs a development build, whose REPL is open, `boot_button` that
    its button is the board's BOOT, which a computer can press. `fault` is what its firmware
    fails with at every start, None where it runs: then only status and wipe can be asked.
    """

    protocol: Annotated[int, number(0, 1 << 30)]
    firmware: Annotated[str, WORD]
    board: Annotated[str, NAME]
    serial: Annotated[str, WORD]
    capabilities: Annotated[tuple[str, ...], several(WORD, 128)]
    micropython: Annotated[str, WORD] = ""
    development: Annotated[bool, flag] = False
    boot_button: Annotated[bool, flag] = False
    fault: Annotated[str | None, optional(SENTENCE)] = None


@dataclass(frozen=True)
class Code(Answer):
    """A code. `seconds_left` of its life for TOTP and Steam, `counter` for HOTP.

    It is 4 to 10 digits or Steam's five letters, and nothing else: it goes into a clipboard.
    """

    code: Annotated[str, _CODE]
    seconds_left: Annotated[int | None, optional(number(0, PERIOD_MAX))] = None
    counter: Annotated[int | None, optional(number(0, COUNTER_MAX))] = None


@dataclass(frozen=True)
class Status(Answer):
    """The token's state; times in Unix time.

    `vault` is ready, locked (then `account_count` and `pin_length` are None), or names a fault.
    `bound` says that the vault opens with this chip's own key only, `pin_chain` how many HMACs of
    the chip the PIN's key takes besides `pin_iterations` of PBKDF2. `changed` says that records
    are missing or came back, `partial` that not all accounts fit into memory, `restoring` that a
    restore is not finished, `strong_key` whether the vault key was drawn with the radio on, None
    before there is one. `unix_time` is None if the token does not know it, and `clock` is "ok" or
    a reason of tokenctl.device.refusals. `clock_set_at` is when its clock was set last,
    `codes_valid_until` until when services take its codes; drift is what is left of it after the
    correction, fast above zero, and the data sheet's bound unless `drift_measured`. `battery` has
    millivolts and percent, None where the board does not measure it. `fault` is what the firmware
    failed with `fault_count` times in a row, its class and place, None where it runs.
    """

    account_count: Annotated[int | None, optional(COUNT)]
    capacity: Annotated[int, COUNT]
    damaged_count: Annotated[int, COUNT]
    has_pin: Annotated[bool, flag]
    unix_time: Annotated[int | None, optional(UNIX)]
    clock: Annotated[str, WORD]
    vault: Annotated[str, WORD]
    changed: Annotated[bool, flag] = False
    pin_length: Annotated[int | None, optional(number(0, 64))] = 0
    pin_iterations: Annotated[int, number(0, 1 << 32)] = 0
    pin_attempts_left: Annotated[int, number(0, 255)] = 0
    lock_after_s: Annotated[int, number(0, 1 << 32)] = 0
    strong_key: Annotated[bool | None, optional(flag)] = None
    clock_chip: Annotated[str | None, optional(WORD)] = None
    clock_set_at: Annotated[int | None, optional(UNIX)] = None
    drift_ppb: Annotated[int, _RATE] = 0
    drift_uncertainty_ppb: Annotated[int | None, optional(_RATE)] = None
    drift_measured: Annotated[bool, flag] = False
    drift_correction_ppb: Annotated[int, _RATE] = 0
    codes_valid_until: Annotated[int | None, optional(number(0, 1 << 62))] = None
    battery: Annotated[dict[str, int] | None, optional(_BATTERY)] = None
    fault: Annotated[str | None, optional(SENTENCE)] = None
    fault_count: Annotated[int, COUNT] = 0
    bound: Annotated[bool, flag] = False
    pin_chain: Annotated[int, number(0, 1 << 32)] = 0
    partial: Annotated[bool, flag] = False
    restoring: Annotated[bool, flag] = False


@dataclass(frozen=True)
class ChipKey(Answer):
    """The chip's own key: `state` is "usable", or why it is not: see KEY_STATES.

    `block` is the eFuse block (0 to 5) of one that is usable, `bound` whether the vault opens
    with it only.
    """

    state: Annotated[str, WORD]
    block: Annotated[int | None, optional(number(0, 5))]
    bound: Annotated[bool, flag]


@dataclass(frozen=True)
class Examined(Answer):
    """What a chip with the published test key does; see tokenctl.hardening.examination.

    Whether inner states can be read in the SHA engine, whether writing 1 or 2 to RESULT_FINISH
    ends an HMAC so that the next is right, what the module reads as without its clock and in
    reset ("zeros", "busy" or "other"), and how many HMACs it makes in a second.
    """

    states_readable: Annotated[bool, flag]
    finish_one: Annotated[bool, flag]
    finish_two: Annotated[bool, flag]
    without_clock: Annotated[str, WORD]
    in_reset: Annotated[str, WORD]
    per_second: Annotated[int, number(0, 1 << 32)]


@dataclass(frozen=True)
class Synchronised:
    """What `sync` did: the second to which the clock was set.

    `offset_ms` is how far the token was ahead, None if it had no time; `error_ms` how far it is
    ahead now, as measured back, with its uncertainty.
    """

    unix_time: int
    offset_ms: float | None
    error_ms: float
    uncertainty_ms: float


@dataclass(frozen=True)
class BackupState(Answer):
    """What a token knows of its backups; times in Unix time, 0 where the clock was not set.

    `made_at` is when the last one was begun that came to its end, with `account_count`
    accounts; None if there is none. `changed_count` are those that came or changed since.
    `drilled_at` is when it was opened last and found to be what the token holds, 0 if never.
    `strong_code` says whether the recovery code was drawn with the radio on, None where it was
    not drawn on this token. With `damaged` the token cannot read what it has noted, and makes no
    backup.
    """

    allowed: Annotated[bool, flag] = True
    has_code: Annotated[bool, flag] = False
    strong_code: Annotated[bool | None, optional(flag)] = None
    made_at: Annotated[int | None, optional(UNIX)] = None
    account_count: Annotated[int, COUNT] = 0
    changed_count: Annotated[int, COUNT] = 0
    drilled_at: Annotated[int, UNIX] = 0
    damaged: Annotated[bool, flag] = False
