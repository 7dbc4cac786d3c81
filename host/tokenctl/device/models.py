"""What a token answers, as dataclasses, which programs get from tokenctl.device.token.

Every answer is checked where it is read: METHODS has the validator of each method's, and the
dataclasses have theirs in their annotations. Later firmware may add fields, which are passed
over. What lacks one that is needed, or has one of another type or beyond its bounds,
raises LinkError. docs/protocol.md says what the fields mean.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Annotated, Any, Self, get_type_hints

from otpcore.account import COUNTER_MAX, PERIOD_MAX, STATIC, TYPES
from tokenctl.device import examination
from tokenctl.device.validators import (
    UNIX,
    Validator,
    flag,
    having,
    number,
    optional,
    several,
    table,
    text,
)
from tokenctl.errors import LinkError
from tokenctl.language import _

_PAGE_MAX = 256  # accounts; a message holds fewer
_RATE_MAX = 1_000_000_000  # parts per billion: a clock that stands still
_TICKS_MAX = (1 << 64) - 1

_ID = number(1, 65535)
_NAME = text(255)  # a byte in the account's record has its length
_CHECK = text(8, "[0-9a-f]{8}|")  # empty: a static text has none
_WORD = text(32)
_SENTENCE = text(512)
_COUNT = number(0, 65535)
_RATE = number(-_RATE_MAX, _RATE_MAX)
_BATTERY = having(millivolts=number(0, 100_000), percent=number(0, 100))
_CODE = text(10, "[0-9]{4,10}|[23456789BCDFGHJKMNPQRTVWXY]{5}")  # Steam's letters: no 0, O, 1, I, …


@contextmanager
def understanding() -> Iterator[None]:
    """Turn any exception of taking an answer apart into a LinkError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        raise LinkError(_("the token's answer is not valid")) from None


class _Answer:
    """Its children annotate each field with its validator."""

    @classmethod
    def of(cls, answer: Any) -> Self:
        """Return the object for a JSON object of the link; raise LinkError if it is not valid."""
        with understanding():
            given = table(answer)
            found = validators_of(cls)
            return cls(**{name: found[name](given[name]) for name in found if name in given})


@cache
def validators_of(answer: type[_Answer]) -> dict[str, Validator]:
    """Return the validator of each field of an answer class."""
    hints = get_type_hints(answer, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


@dataclass(frozen=True)
class Identity(_Answer):
    """Who the token is. `serial` is the chip's number, `protocol` the link's.

    `capabilities` are words for what it can do besides what protocol 1 could at first.

    `micropython` is the version of what it runs on, "" where it does not say.
    `development` says that it runs a development build, whose REPL is open, `boot_button` that
    its button is the board's BOOT, which a computer can press. `fault` is what its firmware
    fails with at every start, None where it runs: then only status and wipe can be asked.
    """

    protocol: Annotated[int, number(0, 1 << 30)]
    firmware: Annotated[str, _WORD]
    board: Annotated[str, _NAME]
    serial: Annotated[str, _WORD]
    capabilities: Annotated[tuple[str, ...], several(_WORD, 128)]
    micropython: Annotated[str, _WORD] = ""
    development: Annotated[bool, flag] = False
    boot_button: Annotated[bool, flag] = False
    fault: Annotated[str | None, optional(_SENTENCE)] = None


@dataclass(frozen=True)
class StoredAccount(_Answer):
    """An account on the token, without its secret. `counter` for HOTP, `period` (s) otherwise.

    A static text has its names only. Of a damaged account only the id is known. `favourite`:
    it comes first on the token's screen; a list says so.
    """

    account_id: Annotated[int, _ID]
    type: Annotated[str, _WORD] = ""
    issuer: Annotated[str, _NAME] = ""
    name: Annotated[str, _NAME] = ""
    algorithm: Annotated[str, _WORD] = ""
    digits: Annotated[int, number(0, 99)] = 0
    period: Annotated[int | None, optional(number(1, PERIOD_MAX))] = None
    counter: Annotated[int | None, optional(number(0, COUNTER_MAX))] = None
    t0: Annotated[int, number(0, COUNTER_MAX)] = 0
    key_check_value: Annotated[str, _CHECK] = ""
    damaged: Annotated[bool, flag] = False
    favourite: Annotated[bool, flag] = False

    @classmethod
    def of(cls, answer: Any) -> Self:
        """See _Answer.of; an account that is whole has all that its type has."""
        made = super().of(answer)
        with understanding():
            for field in () if made.damaged else _parts_of(made.type):
                if answer[field] in _NOTHING.get(field, ("", 0, None)):
                    raise ValueError
        return made

    def describe(self) -> dict[str, Any]:
        """Return the fields that have a value, as a dict of JSON types."""
        known = {
            field: value
            for field, value in asdict(self).items()
            if value or (field == "counter" and value is not None)
        }
        return known | {"issuer": self.issuer, "name": self.name, "account_id": self.account_id}


def _parts_of(kind: str) -> tuple[str, ...]:
    """Return what an account of this type needs besides its id; of a later type little is known."""
    names = ("type", "issuer", "name")
    if kind not in TYPES or kind == STATIC:
        return names
    return (*names, "algorithm", "digits", "key_check_value", _RHYTHM.get(kind, "period"))


_RHYTHM = {"hotp": "counter"}
_NOTHING: dict[str, tuple[None, ...]] = {"issuer": (), "name": (), "counter": (None,)}


@dataclass(frozen=True)
class Page:
    """Accounts of an answer, of `total` that there are.

    Older firmware says all fields of each; newer has rows: id, issuer, name and key check value,
    and behind them a table of what is not usual in its type. A damaged account's has the id only.
    A list has the ids of the favourites besides.
    """

    accounts: list[StoredAccount]
    total: int

    @classmethod
    def of(cls, answer: Any) -> Self:
        """Return the page for an answer; raise LinkError if it is not valid."""
        with understanding():
            total = _COUNT(answer["total"])
            if "rows" in answer:
                entries = [_entry(row) for row in several(_list, _PAGE_MAX)(answer["rows"])]
            else:
                entries = list(several(table, _PAGE_MAX)(answer["accounts"]))
            favourites = list(several(_ID, _PAGE_MAX)(answer.get("favourites", [])))
            return cls([_account(each, favourites) for each in entries], total)


def _account(entry: Any, favourites: Collection[int]) -> StoredAccount:
    made = StoredAccount.of(entry)
    return replace(made, favourite=True) if made.account_id in favourites else made


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError
    return value


def _entry(row: list[Any]) -> dict[str, Any]:
    """Return the fields of a row; raises what `understanding` turns into a LinkError."""
    if len(row) == 1:
        return {"account_id": row[0], "damaged": True}
    account_id, issuer, name, check, *unusual = row
    (more,) = unusual or [{}]
    kind = table(more).get("type", "totp")
    usual: dict[str, Any] = {}
    if kind in TYPES and kind != STATIC:
        usual = {"algorithm": "SHA1", "digits": 6, "key_check_value": _CHECK(check)}
        if kind != "hotp":
            usual["period"] = 30
    names = {"account_id": account_id, "type": kind, "issuer": issuer, "name": name}
    return names | usual | more


@dataclass(frozen=True)
class Code(_Answer):
    """A code. `seconds_left` of its life for TOTP and Steam, `counter` for HOTP.

    It is 4 to 10 digits or Steam's five letters, and nothing else: it goes into a clipboard.
    """

    code: Annotated[str, _CODE]
    seconds_left: Annotated[int | None, optional(number(0, PERIOD_MAX))] = None
    counter: Annotated[int | None, optional(number(0, COUNTER_MAX))] = None


@dataclass(frozen=True)
class Status(_Answer):
    """The token's state; times in Unix time.

    `vault` is ready, locked (then `account_count` and `pin_length` are None), or names a fault.
    `bound` says that the vault opens with this chip's own key only, `pin_chain` how many HMACs of
    the chip the PIN's key takes besides `pin_iterations` of PBKDF2. `changed` says that records
    are missing or came back, `strong_key` whether the vault key was drawn with the radio on, None
    before there is one. `unix_time` is None if the token does not know it, and `clock` is "ok" or
    a reason of tokenctl.device.refusals. `clock_set_at` is when its clock was set last,
    `codes_valid_until` until when services take its codes; drift is what is left of it after the
    correction, fast above zero, and the data sheet's bound unless `drift_measured`. `battery` has
    millivolts and percent, None where the board does not measure it. `fault` is what the firmware
    failed with `fault_count` times in a row, its class and place, None where it runs.
    """

    account_count: Annotated[int | None, optional(_COUNT)]
    capacity: Annotated[int, _COUNT]
    damaged_count: Annotated[int, _COUNT]
    has_pin: Annotated[bool, flag]
    unix_time: Annotated[int | None, optional(UNIX)]
    clock: Annotated[str, _WORD]
    vault: Annotated[str, _WORD]
    changed: Annotated[bool, flag] = False
    pin_length: Annotated[int | None, optional(number(0, 64))] = 0
    pin_iterations: Annotated[int, number(0, 1 << 32)] = 0
    pin_attempts_left: Annotated[int, number(0, 255)] = 0
    lock_after_s: Annotated[int, number(0, 1 << 32)] = 0
    strong_key: Annotated[bool | None, optional(flag)] = None
    clock_chip: Annotated[str | None, optional(_WORD)] = None
    clock_set_at: Annotated[int | None, optional(UNIX)] = None
    drift_ppb: Annotated[int, _RATE] = 0
    drift_uncertainty_ppb: Annotated[int | None, optional(_RATE)] = None
    drift_measured: Annotated[bool, flag] = False
    drift_correction_ppb: Annotated[int, _RATE] = 0
    codes_valid_until: Annotated[int | None, optional(number(0, 1 << 62))] = None
    battery: Annotated[dict[str, int] | None, optional(_BATTERY)] = None
    fault: Annotated[str | None, optional(_SENTENCE)] = None
    fault_count: Annotated[int, _COUNT] = 0
    bound: Annotated[bool, flag] = False
    pin_chain: Annotated[int, number(0, 1 << 32)] = 0


@dataclass(frozen=True)
class ChipKey(_Answer):
    """The chip's own key: `state` is "usable", or why it is not: see KEY_STATES.

    `block` is the eFuse block (0 to 5) of one that is usable, `bound` whether the vault opens
    with it only.
    """

    state: Annotated[str, _WORD]
    block: Annotated[int | None, optional(number(0, 5))]
    bound: Annotated[bool, flag]


@dataclass(frozen=True)
class Examined(_Answer):
    """What a chip with the published test key does; see tokenctl.hardening.examination.

    Whether inner states can be read in the SHA engine, whether writing 1 or 2 to RESULT_FINISH
    ends an HMAC so that the next is right, what the module reads as without its clock and in
    reset ("zeros", "busy" or "other"), and how many HMACs it makes in a second.
    """

    states_readable: Annotated[bool, flag]
    finish_one: Annotated[bool, flag]
    finish_two: Annotated[bool, flag]
    without_clock: Annotated[str, _WORD]
    in_reset: Annotated[str, _WORD]
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


@dataclass(frozen=True)
class BackupState(_Answer):
    """What a token knows of its backups; times in Unix time, 0 where the clock was not set.

    `made_at` is when the last one was begun that came to its end, with `account_count`
    accounts; None if there is none. `changed_count` are those that came or changed since.
    `drilled_at` is when it was opened last and found to be what the token holds, 0 if never.
    `strong_code` says whether the recovery code was drawn with the radio on, None where it was
    not drawn on this token.
    """

    allowed: Annotated[bool, flag] = True
    has_code: Annotated[bool, flag] = False
    strong_code: Annotated[bool | None, optional(flag)] = None
    made_at: Annotated[int | None, optional(UNIX)] = None
    account_count: Annotated[int, _COUNT] = 0
    changed_count: Annotated[int, _COUNT] = 0
    drilled_at: Annotated[int, UNIX] = 0


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
_TICKS = number(0, _TICKS_MAX)
_OFFSET = optional(number(-_TICKS_MAX, _TICKS_MAX))  # microseconds
_STORED = having(account_id=_ID)
_PIN_SET = having(pin_length=optional(number(0, 64)))
COUNTS = ("added", "replaced", "skipped", "kept", "damaged", "same", "other", "gone")
_TRANSFER = having(transfer_id=_WORD)
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
    "accounts.list": Method(having(total=_COUNT), at_once=True, shown=("start", "total")),
    "accounts.find": Method(having(total=_COUNT), at_once=True, shown=("total",)),
    "accounts.batch": Method(having(batch_id=_WORD), shown=("additions", "replacements")),
    "accounts.add": Method(_STORED, changes=True, shown=("account_id", "favourite")),
    "accounts.replace": Method(_STORED, changes=True, shown=("account_id", "favourite")),
    "accounts.rename": Method(table, changes=True, shown=("account_id",)),
    "accounts.move": Method(table, changes=True, shown=("account_id", "position")),
    "accounts.favourite": Method(table, changes=True, shown=("account_id", "favourite")),
    "accounts.remove": Method(table, changes=True, shown=("account_id",)),
    "accounts.code": Method(table, shown=("account_id", "seconds_left")),
    "backup.make": Method(
        having(transfer_id=_WORD, account_count=_COUNT), shown=("new_code", "account_count")
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
        having(exchange_id=_WORD, account_count=_COUNT, commitment=_KEY),
        shown=("serial", "account_count"),
    ),
    "clone.accept": Method(
        having(exchange_id=_WORD, public_key=_KEY), shown=("serial", "account_count")
    ),
    "clone.meet": Method(table),
    "clone.compare": Method(table),
    "clone.give": Method(having(transfer_id=_WORD, account_count=_COUNT), shown=("account_count",)),
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
        having(received=_TICKS, sent=_TICKS, run_id=_WORD, bits=number(8, 64)),
        at_once=True,
        shown=("received", "sent", "run_id", "bits"),
    ),
    "clock.edge": Method(
        having(unix_time=UNIX, ticks=_TICKS, uncertainty_us=_TICKS, run_id=_WORD),
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
    "examine.memory": Method(examination.MEMORY, at_once=True, shown=examination.MEMORY_SHOWN),
    "examine.panel": Method(table),
    "examine.button": Method(examination.BUTTON, shown=("number", "pressed")),
}
_CHECKED: dict[str, Validator] = {"key_check_value": _CHECK}  # wherever it is
_REFUSAL = having(code=_WORD)


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
        code, reason = _REFUSAL(error)["code"], _WORD(error.get("reason", ""))
        value = error.get("value")
        if value is not None and type(value) is not int:
            value = _WORD(value)
        return code, reason, value
