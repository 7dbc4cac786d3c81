"""What a sample export is, and what a reader must find in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from support.apps.accounts import ACCOUNTS, Account
from support.apps.readings import Names

PASSWORD = "Größe & 1 Ω"
UNMARKED = ("andotp", "totp-authenticator")  # whose ciphertext has no head


@dataclass(frozen=True)
class Kept:
    """What a reader must find for one account: any of these `names` and of these `counters`."""

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

    `write(accounts)` returns it; with `password` if that is not None. `app` is what the reader
    should call it (one of these). `names` lists the readings of the names that are right where
    the file leaves a choice. `counters` are added to the next counter. `lines`: what is cut
    off is still a file of its kind. `breakable`: an account of class Broken can be written.
    `marked`: the file has something of its own to be recognised by.
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
        """Return those of the telling accounts that the app can hold."""
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
    """Return the file with all accounts that the app can hold, once for all."""
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
