"""The definition of a sample export, and what a reader must find in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from support.apps.accounts import ACCOUNTS, Account
from support.apps.readings import Names

PASSWORD = "Größe & 1 Ω"
UNMARKED = ("andotp", "totp-authenticator")  # apps whose ciphertext has no header


@dataclass(frozen=True)
class Kept:
    """What a reader must find for an account: one of `names`, and one of `counters`."""

    names: Names
    secret: bytes
    type: str
    algorithm: str
    digits: int
    period: int
    counters: tuple[int, ...]
    favourite: bool


@dataclass(frozen=True)
class Sample:
    """One kind of file.

    `write(accounts)` returns it, encrypted with `password` unless that is None. `apps` are the
    names by which the reader may call it. `names(account)` returns the valid readings of the names
    where the file is ambiguous. `counters` are the valid differences to the next counter.
    `lines`: a truncated file is still one of its kind. `breakable`: an account of class Broken
    can be written. `marked`: the file can be recognised by its contents.
    """

    name: str
    apps: tuple[str, ...]
    write: Callable[[Sequence[Account]], bytes]
    password: str | None = None
    holds: Callable[[Account], bool] = lambda account: True
    names: Callable[[Account], Names] = lambda account: ((account.issuer, account.account),)
    favourites: bool = False
    counters: tuple[int, ...] = (0,)
    ordered: bool = True
    single: bool = False
    lines: bool = False
    breakable: bool = True
    marked: bool = True
    slow: bool = False

    def accounts(self) -> tuple[Account, ...]:
        """Return those of the representative accounts that the app can hold."""
        held = tuple(filter(self.holds, ACCOUNTS))
        return held[:1] if self.single else held

    def kept(self, account: Account) -> Kept:
        return Kept(
            names=self.names(account),
            secret=account.secret,
            type=account.type,
            algorithm=account.algorithm,
            digits=account.digits,
            period=account.period,
            counters=tuple(account.counter + more for more in self.counters),
            favourite=account.favourite and self.favourites,
        )


@cache
def written(sample: Sample) -> bytes:
    """Return the file with all accounts that the app can hold; cached."""
    return sample.write(sample.accounts())


def pair(
    name: str,
    plain: Callable[[Sequence[Account]], bytes] | None,
    encrypted: Callable[..., bytes] | None = None,
    **fields: Any,
) -> list[Sample]:
    """Return the plain and the encrypted sample of a version."""
    app = fields.pop("apps", (name.partition(" ")[0],))
    made = []
    if plain:
        made.append(Sample(name, app, plain, **fields))
    if encrypted:
        write = partial(encrypted, password=PASSWORD)
        fields |= {"lines": False, "marked": name.partition(" ")[0] not in UNMARKED}
        made.append(Sample(f"{name}, encrypted", app, write, PASSWORD, **fields))
    return made
