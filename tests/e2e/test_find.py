"""What a name means: found by the token, chosen by the computer, as if all had been listed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import presser

from otpcore.account import Account
from tokenctl.device.link import Link
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

SECRET = b"12345678901234567890"
NAMES = [
    ("GitHub", "alice"),
    ("GitHub", "bob"),
    ("github", "Alice"),
    ("Straße", "alice"),
    ("", "GitHub"),
    ("My GitHub:mirror", "alice"),
    ("ÉCOLE", "zoé"),
    ("Bank: the second", "a:b"),
    ("\u212aelvin", "ohm"),  # the sign for kelvin, which is a k in small letters
    ("Door", ""),
]
MATCHES = (  # as docs/manual.md says it: issuer:account, one of the two, or a part
    lambda issuer, name, wanted: f"{issuer}:{name}".casefold() == wanted,
    lambda issuer, name, wanted: wanted in (issuer.casefold(), name.casefold()),
    lambda issuer, name, wanted: wanted in f"{issuer}:{name}".casefold(),
)


@pytest.fixture(scope="module")
def board() -> Iterator[SimulatedToken]:
    with SimulatedToken() as board:
        with Token(board.transport(), presser(board)) as token:
            batch = token.batch(len(NAMES) + 1)
            for issuer, name in NAMES:
                token.add(Account(issuer, name, SECRET), batch_id=batch)
            token.add(Account("Post", "box", b"a text", "static"), batch_id=batch)
        yield board


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods that are asked."""
    request, methods = Link.request, []

    def noted(self: Link, method: str, *arguments: Any, **more: Any) -> Any:
        methods.append(method)
        return request(self, method, *arguments, **more)

    monkeypatch.setattr(Link, "request", noted)
    return methods


@pytest.mark.parametrize(
    "wanted",
    [
        *(f"{issuer}:{name}" for issuer, name in NAMES),
        *("github", "GITHUB:ALICE", "git", "alice", "ALICE", "strasse", "stra", "école", "ZOÉ"),
        *("kelvin", "ohm", "a:b", ":github", "door", "door:", "Post", "x", "nobody", "é", ":"),
    ],
)
def test_the_same_is_found_as_in_the_whole_list(board, wanted):
    small = wanted.casefold()
    classes = ([each for each in NAMES if matches(*each, small)] for matches in MATCHES)
    expected = next((found for found in classes if found), [])
    if wanted == "Post":
        expected = [("Post", "box")]
    with Token(board.transport()) as token:
        found = [(each.issuer, each.name) for each in token.find(wanted)]
    if tuple(wanted.split(":", 1)) in NAMES:  # written as it is, it means that one alone
        assert tuple(wanted.split(":", 1)) in found
    elif wanted not in ("x", ":"):
        assert sorted(found) == sorted(expected)


def test_one_question_is_enough(board, asked):
    with Token(board.transport()) as token:
        assert [each.issuer for each in token.find("Door:")] == ["Door"]
        assert len(token.find("bob")) == 1 and token.find("nobody") == []
    assert asked == ["hello", "accounts.find", "accounts.find", "accounts.find"]


def test_a_row_says_as_much_as_an_object_with_all_fields(board, monkeypatch):
    """As an older token answers it, to a computer that asks for rows in vain."""
    with Token(board.transport()) as token:
        rows = token.accounts()
        request = token._link.request
        monkeypatch.setattr(
            token._link, "request", lambda method, where: request(method, {"start": where["start"]})
        )
        assert token.accounts() == rows
        assert token.accounts(start=4) == rows[4:]
    assert [(each.issuer, each.name) for each in rows] == [*NAMES, ("Post", "box")]


def test_a_token_that_cannot_find_is_asked_for_all(board, asked):
    with Token(board.transport()) as token:
        token.identity = token.identity.__class__(
            **{name: getattr(token.identity, name) for name in ("protocol", "firmware", "board")},
            serial=token.identity.serial,
            capabilities=(),
        )
        assert [each.name for each in token.find("bob")] == ["bob"]
    assert "accounts.list" in asked and "accounts.find" not in asked


@pytest.mark.parametrize("kind", ["hotp", "steam", "odd"])
def test_all_fields_of_every_type(kind: str, tmp_path: Path) -> None:
    account = {
        "hotp": Account("A", "b", SECRET, "hotp", "SHA256", 8, counter=0),
        "steam": Account("A", "b", SECRET, "steam", digits=5),
        "odd": Account("A", "b", SECRET, "totp", "SHA512", 7, 60, 12),
    }[kind]
    with SimulatedToken() as board, Token(board.transport(), presser(board)) as token:
        token.add(account)
        (stored,) = token.accounts()
        assert stored.key_check_value == account.key_check_value()
        known = {name: value for name, value in stored.describe().items() if name != "account_id"}
        assert known == account.describe() | {"key_check_value": account.key_check_value()}


def test_many_that_match_alike_are_told_apart_by_the_list(asked: list[str]) -> None:
    with SimulatedToken() as board, Token(board.transport(), presser(board)) as token:
        batch = token.batch(70)
        for number in range(70):
            token.add(Account("Contoso", f"user{number:02}", SECRET), batch_id=batch)
        assert len(token.find("contoso")) == 70 and "accounts.list" in asked
        asked.clear()
        assert [each.name for each in token.find("user07")] == ["user07"]
        assert asked == ["accounts.find"]
