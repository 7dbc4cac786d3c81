"""What a token answers, as dataclasses; for programs, who get them from tokenctl.token.

Later firmware may add fields, which are passed over. What lacks one that is
needed raises LinkError.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from tokenctl.errors import LinkError


@contextmanager
def understanding() -> Iterator[None]:
    """Turn what taking an answer apart raises into a LinkError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise LinkError("the token's answer is not understood") from None


class _Answer:
    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return the object that a JSON object of the link stands for; raise LinkError."""
        with understanding():
            names = [each.name for each in fields(cls)]  # pyright: ignore[reportArgumentType]
            return cls(**{name: answer[name] for name in names if name in answer})


@dataclass(frozen=True)
class Identity(_Answer):
    """Who the token is. `serial` is the chip's number, `protocol` the link's.

    `development` says that it runs a development build, whose REPL is open, `boot_button` that
    its button is the board's BOOT, which a computer can press. `fault` is what its firmware
    fails with at every start, None where it runs: then only status and wipe can be asked.
    """

    protocol: int
    firmware: str
    board: str
    serial: str
    capabilities: tuple[str, ...]
    development: bool = False
    boot_button: bool = False
    fault: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "capabilities", tuple(self.capabilities))


@dataclass(frozen=True)
class StoredAccount(_Answer):
    """An account on the token, without its secret. `counter` for HOTP, `period` (s) otherwise.

    A static text has its names only. Of a damaged account only the id is known.
    """

    id: int
    type: str = ""
    issuer: str = ""
    account: str = ""
    algorithm: str = ""
    digits: int = 0
    period: int | None = None
    counter: int | None = None
    t0: int = 0
    key_check_value: str = ""
    damaged: bool = False

    def describe(self) -> dict[str, Any]:
        """Return the fields that say something, as a dict of JSON types."""
        known = {
            name: value
            for name, value in asdict(self).items()
            if value or (name == "counter" and value is not None)
        }
        return known | {"issuer": self.issuer, "account": self.account, "id": self.id}


@dataclass(frozen=True)
class Code(_Answer):
    """A code. `seconds_left` of its life for TOTP and Steam, `counter` for HOTP."""

    code: str
    seconds_left: int | None = None
    counter: int | None = None


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

    accounts: int | None
    capacity: int
    damaged: int
    sealed: bool
    unix: int | None
    clock: str
    vault: str = "ready"
    changed: bool = False
    pin_length: int | None = 0
    iterations: int = 0
    attempts_left: int = 0
    lock_after: int = 0
    radio: str | None = None
    chip: str | None = None
    synced: int | None = None
    drift_ppb: int = 0
    drift_within_ppb: int | None = None
    drift_measured: bool = False
    correction_ppb: int = 0
    refused_from: int | None = None
    battery: dict[str, int] | None = None
    fault: str | None = None
    faults: int = 0


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
