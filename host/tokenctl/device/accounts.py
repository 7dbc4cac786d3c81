"""Accounts in a token's answers: one without its secret, and the rows of a list."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Self

from otpcore.account import COUNTER_MAX, PERIOD_MAX, STATIC, TYPES
from tokenctl.device.answer import Answer, understanding
from tokenctl.device.validators import (
    CHECK,
    COUNT,
    ID,
    NAME,
    WORD,
    flag,
    number,
    optional,
    several,
    table,
)

_PAGE_MAX = 256  # accounts; a message holds fewer


@dataclass(frozen=True)
class StoredAccount(Answer):
    """An account on the token, without its secret. `counter` for HOTP, `period` (s) otherwise.

    A static text has its names only. Of a damaged account only the id is known. `favourite`:
    it comes first on the token's screen; a list says so.
    """

    account_id: Annotated[int, ID]
    type: Annotated[str, WORD] = ""
    issuer: Annotated[str, NAME] = ""
    name: Annotated[str, NAME] = ""
    algorithm: Annotated[str, WORD] = ""
    digits: Annotated[int, number(0, 99)] = 0
    period: Annotated[int | None, optional(number(1, PERIOD_MAX))] = None
    counter: Annotated[int | None, optional(number(0, COUNTER_MAX))] = None
    t0: Annotated[int, number(0, COUNTER_MAX)] = 0
    key_check_value: Annotated[str, CHECK] = ""
    damaged: Annotated[bool, flag] = False
    favourite: Annotated[bool, flag] = False

    @classmethod
    def of(cls, answer: Any) -> Self:
        """See Answer.of; an account that is whole has all that its type has."""
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
    favourites: tuple[int, ...] = ()

    @classmethod
    def of(cls, answer: Any) -> Self:
        """Return the page for an answer; raise LinkError if it is not valid."""
        with understanding():
            total = COUNT(answer["total"])
            if "rows" in answer:
                entries = [_entry(row) for row in several(_list, _PAGE_MAX)(answer["rows"])]
            else:
                entries = list(several(table, _PAGE_MAX)(answer["accounts"]))
            favourites = tuple(several(ID, _PAGE_MAX)(answer.get("favourites", [])))
            return cls([_account(each, favourites) for each in entries], total, favourites)


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
        usual = {"algorithm": "SHA1", "digits": 6, "key_check_value": CHECK(check)}
        if kind != "hotp":
            usual["period"] = 30
    names = {"account_id": account_id, "type": kind, "issuer": issuer, "name": name}
    return names | usual | more
