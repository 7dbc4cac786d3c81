"""What a token answers, as dataclasses; for programs, who get them from tokenctl.device.token.

Every answer is checked where it is read: ANSWERS has the form of each method's, and the
dataclasses have it in their annotations. Later firmware may add fields, which are passed
over. What lacks one that is needed, or has one of another type or beyond its bounds,
raises LinkError.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from typing import Annotated, Any, Self, get_type_hints

from otpcore.account import COUNTER_MAX, PERIOD_MAX, STATIC, TYPES
from tokenctl.device.forms import UNIX, Form, flag, having, number, optional, several, table, text
from tokenctl.errors import LinkError

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
_BATTERY = having(mv=number(0, 100_000), percent=number(0, 100))
_CODE = text(10, "[0-9]{4,10}|[23456789BCDFGHJKMNPQRTVWXY]{5}")  # Steam's letters: no 0, O, 1, I, …


@contextmanager
def understanding() -> Iterator[None]:
    """Turn what taking an answer apart raises into a LinkError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        raise LinkError("the token's answer is not understood") from None


class _Answer:
    """Its children annotate each field with its form."""

    @classmethod
    def of(cls, answer: Any) -> Self:
        """Return the object that a JSON object of the link stands for; raise LinkError."""
        with understanding():
            given = table(answer)
            forms = forms_of(cls)
            return cls(**{name: forms[name](given[name]) for name in forms if name in given})


@cache
def forms_of(answer: type[_Answer]) -> dict[str, Form]:
    """Return the form of each field of an answer."""
    hints = get_type_hints(answer, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


@dataclass(frozen=True)
class Identity(_Answer):
    """Who the token is. `serial` is the chip's number, `protocol` the link's.

    `development` says that it runs a development build, whose REPL is open, `boot_button` that
    its button is the board's BOOT, which a computer can press. `fault` is what its firmware
    fails with at every start, None where it runs: then only status and wipe can be asked.
    """

    protocol: Annotated[int, number(0, 1 << 30)]
    firmware: Annotated[str, _WORD]
    board: Annotated[str, _NAME]
    serial: Annotated[str, _WORD]
    capabilities: Annotated[tuple[str, ...], several(_WORD, 128)]
    development: Annotated[bool, flag] = False
    boot_button: Annotated[bool, flag] = False
    fault: Annotated[str | None, optional(_SENTENCE)] = None


@dataclass(frozen=True)
class StoredAccount(_Answer):
    """An account on the token, without its secret. `counter` for HOTP, `period` (s) otherwise.

    A static text has its names only. Of a damaged account only the id is known.
    """

    id: Annotated[int, _ID]
    type: Annotated[str, _WORD] = ""
    issuer: Annotated[str, _NAME] = ""
    account: Annotated[str, _NAME] = ""
    algorithm: Annotated[str, _WORD] = ""
    digits: Annotated[int, number(0, 99)] = 0
    period: Annotated[int | None, optional(number(1, PERIOD_MAX))] = None
    counter: Annotated[int | None, optional(number(0, COUNTER_MAX))] = None
    t0: Annotated[int, number(0, COUNTER_MAX)] = 0
    key_check_value: Annotated[str, _CHECK] = ""
    damaged: Annotated[bool, flag] = False

    @classmethod
    def of(cls, answer: Any) -> Self:
        """See _Answer.of; an account that is whole has all that its type has."""
        made = super().of(answer)
        with understanding():
            for name in () if made.damaged else _parts_of(made.type):
                if answer[name] in _NOTHING.get(name, ("", 0, None)):
                    raise ValueError
        return made

    def describe(self) -> dict[str, Any]:
        """Return the fields that say something, as a dict of JSON types."""
        known = {
            name: value
            for name, value in asdict(self).items()
            if value or (name == "counter" and value is not None)
        }
        return known | {"issuer": self.issuer, "account": self.account, "id": self.id}


def _parts_of(kind: str) -> tuple[str, ...]:
    """Return what an account of this type needs besides its id; of a later type little is known."""
    names = ("type", "issuer", "account")
    if kind not in TYPES or kind == STATIC:
        return names
    return (*names, "algorithm", "digits", "key_check_value", _RHYTHM.get(kind, "period"))


_RHYTHM = {"hotp": "counter"}
_NOTHING: dict[str, tuple[None, ...]] = {"issuer": (), "account": (), "counter": (None,)}


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
    """The token's state. `unix` is its time (s), None if it does not know it: `clock` says why.

    `vault` is ready, locked (then `accounts` and `pin_length` are None), or names a fault.
    `changed` says that records are missing or came back, `radio` whether keys were drawn with
    the radio "on".
    `synced` is when its clock was set last, and `refused_from` when services may begin to refuse
    its codes (Unix time); drift is what is left of it after the correction, in parts per billion,
    fast above zero, and the data sheet's bound unless `drift_measured`. `battery` has mv and
    percent, None where the board does not measure it. `fault` is what the firmware failed with
    so many times (`faults`) in a row, its class and place, None where it runs.
    """

    accounts: Annotated[int | None, optional(_COUNT)]
    capacity: Annotated[int, _COUNT]
    damaged: Annotated[int, _COUNT]
    sealed: Annotated[bool, flag]
    unix: Annotated[int | None, optional(UNIX)]
    clock: Annotated[str, _SENTENCE]
    vault: Annotated[str, _WORD] = "ready"
    changed: Annotated[bool, flag] = False
    pin_length: Annotated[int | None, optional(number(0, 64))] = 0
    iterations: Annotated[int, number(0, 1 << 32)] = 0
    attempts_left: Annotated[int, number(0, 255)] = 0
    lock_after: Annotated[int, number(0, 1 << 32)] = 0
    radio: Annotated[str | None, optional(_WORD)] = None
    chip: Annotated[str | None, optional(_WORD)] = None
    synced: Annotated[int | None, optional(UNIX)] = None
    drift_ppb: Annotated[int, _RATE] = 0
    drift_within_ppb: Annotated[int | None, optional(_RATE)] = None
    drift_measured: Annotated[bool, flag] = False
    correction_ppb: Annotated[int, _RATE] = 0
    refused_from: Annotated[int | None, optional(number(0, 1 << 62))] = None
    battery: Annotated[dict[str, int] | None, optional(_BATTERY)] = None
    fault: Annotated[str | None, optional(_SENTENCE)] = None
    faults: Annotated[int, _COUNT] = 0


@dataclass(frozen=True)
class Synchronised:
    """What `sync` did. `before` is how far (s) the token was ahead, None if it had no time.

    Also in ms, and how far it is ahead now, as measured back, with its uncertainty; None where
    an older firmware was set to the second.
    """

    before: int | None
    unix: int
    offset_ms: float | None = None
    error_ms: float | None = None
    uncertainty_ms: float | None = None


# What is needed of each method's answer; what a dataclass takes, that checks by itself.
_TICKS = number(0, _TICKS_MAX)
_RUN = _WORD
ANSWERS: dict[str, Form] = {
    "hello": having(protocol=number(0, 1 << 30)),  # of the rest nothing is known before
    "status": table,
    "list": having(accounts=several(table, _PAGE_MAX), count=_COUNT),
    "batch": having(batch=_WORD),
    "add": having(id=_ID),
    "rename": table,
    "move": table,
    "remove": table,
    "code": table,
    "pin": table,
    "lock": table,
    "lock_after": table,
    "wipe": table,
    "cancel": table,
    "clock_read": having(unix=optional(UNIX)),
    "clock_probe": having(received=_TICKS, sent=_TICKS, run=_RUN, bits=number(8, 64)),
    "clock_edge": having(unix=UNIX, ticks=_TICKS, within=number(0, _TICKS_MAX), run=_RUN),
    "clock_set": having(unix=UNIX),  # and offset, of a firmware that has ticks
    "clock_log": having(log=text(2048)),
}
_MOVED = optional(number(-_TICKS_MAX, _TICKS_MAX))  # microseconds
_OPTIONAL: dict[str, dict[str, Form]] = {
    "add": {"key_check_value": _CHECK},
    "clock_set": {"offset": _MOVED},
}
_REFUSAL = having(code=_WORD)


def checked(method: str, result: Any) -> dict[str, Any]:
    """Return a result of this method when it has the form; raise LinkError."""
    form = ANSWERS[method]  # one that is not there was forgotten
    with understanding():
        answer = form(result)
        for name, form in _OPTIONAL.get(method, {}).items():
            if name in answer:
                form(answer[name])
        return answer


def refusal(error: Any) -> dict[str, str]:
    """Return code and message of an answer's error when they have the form; raise LinkError."""
    with understanding():
        return {
            "code": _REFUSAL(error)["code"],
            "message": _SENTENCE(error.get("message", "")),
        }
