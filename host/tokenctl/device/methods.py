"""The methods of the link, and how each one's answer is checked, as docs/protocol.md has them."""

from dataclasses import dataclass
from typing import Any

from tokenctl.device import examination
from tokenctl.device.answer import understanding
from tokenctl.device.models import BackupState, Status
from tokenctl.device.validators import (
    CHECK,
    COUNT,
    ID,
    UNIX,
    WORD,
    Validator,
    flag,
    having,
    number,
    optional,
    table,
    text,
)

NOTICES = (
    "press",
    "hold",
    "pin",
    "acknowledge",
    "queued",
    "restarts",
    "holds",
    "show_code",
    "code",
)


@dataclass(frozen=True)
class Method:
    """A method of the link, as tokenctl knows it.

    `validator` is of its answer, `at_once` says that the token answers by itself, unless it wants
    its PIN first, `lasts` that it may write for minutes, `changes` that accounts, settings or the
    clock are others afterwards, and `shown` which parameters and fields of the answer hold
    nothing private: all others are struck out of a log.
    """

    validator: Validator
    at_once: bool = False
    lasts: bool = False
    changes: bool = False
    shown: tuple[str, ...] = ()


_TICKS_MAX = (1 << 64) - 1
_TICKS = number(0, _TICKS_MAX)
_OFFSET = optional(number(-_TICKS_MAX, _TICKS_MAX))  # microseconds
_STORED = having(account_id=ID)
_PIN_SET = having(pin_length=optional(number(0, 64)))
COUNTS = ("added", "replaced", "skipped", "kept", "damaged", "same", "other", "gone")
_TRANSFER = having(transfer_id=WORD)
_PART = text(1100, "[A-Za-z0-9+/=]*")
_KEY = text(44, "[A-Za-z0-9+/]{43}=")
_TIME = ("unix_time", "ticks", "uncertainty_us", "run_id")
_STATE = tuple(field for field in Status.__dataclass_fields__ if field != "pin_length")
METHODS: dict[str, Method] = {
    "hello": Method(  # nothing was known of the others before
        having(protocol=number(0, 1 << 30)),
        at_once=True,
        shown=("protocol", "client", "firmware", "micropython", "board", "capabilities")
        + ("development", "boot_button", "fault"),
    ),
    "status": Method(table, at_once=True, shown=_STATE),
    "cancel": Method(table, at_once=True, shown=("cancelled",)),
    "wipe": Method(table, changes=True),
    "accounts.list": Method(having(total=COUNT), at_once=True, shown=("start", "total")),
    "accounts.find": Method(having(total=COUNT), at_once=True, shown=("total",)),
    "accounts.batch": Method(having(batch_id=WORD), shown=("additions", "replacements")),
    "accounts.add": Method(_STORED, changes=True, shown=("account_id", "favourite")),
    "accounts.replace": Method(_STORED, changes=True, shown=("account_id", "favourite")),
    "accounts.rename": Method(table, changes=True, shown=("account_id",)),
    "accounts.move": Method(table, changes=True, shown=("account_id", "position")),
    "accounts.favourite": Method(table, changes=True, shown=("account_id", "favourite")),
    "accounts.remove": Method(table, changes=True, shown=("account_id",)),
    "accounts.code": Method(table, shown=("account_id", "seconds_left")),
    "backup.make": Method(
        having(transfer_id=WORD, account_count=COUNT), shown=("new_code", "account_count")
    ),
    "transfer.read": Method(having(data=_PART, more=flag), shown=("part", "more")),
    "backup.open": Method(_TRANSFER, shown=("purpose", "ask_code")),
    "transfer.write": Method(table, shown=("part",)),
    "transfer.finish": Method(table, lasts=True, changes=True, shown=COUNTS),
    "transfer.cancel": Method(table, lasts=True),
    "backup.compare": Method(having(last=flag), at_once=True, shown=("last",)),
    "backup.state": Method(table, at_once=True, shown=tuple(BackupState.__dataclass_fields__)),
    "backup.forbid": Method(table, changes=True),
    "clone.offer": Method(
        having(exchange_id=WORD, account_count=COUNT, commitment=_KEY),
        shown=("serial", "account_count"),
    ),
    "clone.accept": Method(
        having(exchange_id=WORD, public_key=_KEY), shown=("serial", "account_count")
    ),
    "clone.meet": Method(table),
    "clone.compare": Method(table),
    "clone.give": Method(having(transfer_id=WORD, account_count=COUNT), shown=("account_count",)),
    "clone.take": Method(_TRANSFER),
    "chip.key": Method(table, at_once=True, shown=("state", "block", "bound")),
    "chip.bind": Method(
        having(pin_chain=number(0, 1 << 32)), changes=True, shown=("block", "pin_chain")
    ),
    "chip.unbind": Method(table, changes=True),
    "chip.examine": Method(
        table,
        at_once=True,
        shown=("states_readable", "finish_one", "finish_two", "without_clock", "in_reset")
        + ("per_second",),
    ),
    "clock.read": Method(
        having(unix_time=optional(UNIX)), at_once=True, shown=("unix_time", "clock")
    ),
    "clock.probe": Method(
        having(received=_TICKS, sent=_TICKS, run_id=WORD, bits=number(8, 64)),
        at_once=True,
        shown=("received", "sent", "run_id", "bits"),
    ),
    "clock.edge": Method(
        having(unix_time=UNIX, ticks=_TICKS, uncertainty_us=_TICKS, run_id=WORD),
        at_once=True,
        shown=_TIME,
    ),
    "clock.log": Method(having(log=text(2048)), at_once=True),
    "clock.set": Method(
        having(unix_time=UNIX, offset_us=_OFFSET),
        changes=True,
        shown=(*_TIME, "calibrate", "offset_us"),
    ),
    "vault.set_pin": Method(_PIN_SET, changes=True),
    "vault.clear_pin": Method(_PIN_SET, changes=True),
    "vault.lock": Method(table, at_once=True),
    "vault.lock_after": Method(table, changes=True, shown=("seconds",)),
    "examine.board": Method(examination.BOARD, at_once=True, shown=examination.BOARD_SHOWN),
    "examine.flash": Method(examination.FLASH, at_once=True, shown=examination.FLASH_SHOWN),
    "examine.memory": Method(examination.memory, at_once=True, shown=examination.MEMORY_SHOWN),
    "examine.panel": Method(table),
    "examine.button": Method(examination.BUTTON, shown=("number", "pressed")),
}
_CHECKED: dict[str, Validator] = {"key_check_value": CHECK}  # wherever it is
_REFUSAL = having(code=WORD)


def is_at_once(method: str) -> bool:
    """Return whether a token answers this method without a press."""
    return method in METHODS and METHODS[method].at_once


def changes(method: str) -> bool:
    """Return whether accounts, settings or the clock are others after this method."""
    return method in METHODS and METHODS[method].changes


def lasts(method: str) -> bool:
    """Return whether a token may write for minutes before it answers this method."""
    return method in METHODS and METHODS[method].lasts


def checked(method: str, result: Any) -> dict[str, Any]:
    """Return a result of this method if it has the right form; raise LinkError otherwise."""
    validator = METHODS[method].validator
    with understanding():
        answer = validator(result)
        for field, check in _CHECKED.items():
            if isinstance(answer, dict) and field in answer:
                check(answer[field])
        return answer


def refusal(error: Any) -> tuple[str, str, int | str | None]:
    """Return code, reason and value of an answer's error; raise LinkError if its form is wrong."""
    with understanding():
        code, reason = _REFUSAL(error)["code"], WORD(error.get("reason", ""))
        value = error.get("value")
        if value is not None and type(value) is not int:
            value = WORD(value)
        return code, reason, value
