"""provision --also with a hostile second token: what is claimed of it is what it lists, now.

The first token is honest; the second answers in the right form and lies, before it was
connected again or after. Whoever lies, the honest one has what it was sent, and it is said which
of the two has what.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from attacks.hostile_text import HOSTILE, obeyed
from attacks.hostile_token import HostileToken, Say
from support import enrolled
from unit.every_command import BOTH, FIRST, SECOND, SERIALS, URIS, Computer, Vault, of_kind

from tokenctl.cli.enrolling import second_token as second_token
from tokenctl.cli.enrolling.second_token import SecondToken
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.errors import LinkError, TokenctlError

(ALSO,) = (each for each in of_kind(BOTH) if "--also" in each.arguments)
VERIFICATION = 8


@pytest.fixture
def computer(monkeypatch, capfd, tmp_path) -> Computer:
    return Computer(monkeypatch, capfd, tmp_path)


class Liar(Vault):
    """A vault that answers some methods with `lies` in the place of the fields that it would."""

    def __init__(self, lies: dict[str, dict[str, Any]], serial: str = SERIALS[SECOND]) -> None:
        super().__init__(serial, stored=False)
        self.lies = lies

    def __call__(
        self, token: HostileToken, method: str, parameters: dict[str, Any]
    ) -> Sequence[Say]:
        (told,) = super().__call__(token, method, parameters)
        assert isinstance(told, dict)
        return [{"result": told["result"] | self.lies.get(method, {})}]


def plug(computer: Computer, second: Vault) -> tuple[HostileToken, HostileToken]:
    """An honest token at the first port, this one at the second."""
    honest = computer.plug(ALSO, FIRST)
    hostile = HostileToken(second)
    hostile.name = SECOND
    computer.tokens[SECOND] = hostile
    return honest, hostile


WRONG = {"account_id": 1, "type": "totp", "issuer": "Example", "name": "alice"} | {
    "algorithm": "SHA1", "digits": 6, "period": 30, "key_check_value": "00000000",
}  # fmt: skip
# What it lies, with which exit code that ends, and whether the first one was written by then.
LIES: dict[str, tuple[dict[str, dict[str, Any]], int, bool]] = {
    "another secret": ({"accounts.add": {"key_check_value": "00000000"}}, VERIFICATION, True),
    "nothing listed": ({"accounts.list": {"accounts": [], "total": 0}}, VERIFICATION, True),
    "ids of others": ({"accounts.add": {"account_id": 7}}, VERIFICATION, True),
    "no room": ({"status": {"account_count": 1000}}, 6, False),
    "a name taken": ({"accounts.list": {"accounts": [WRONG], "total": 1}}, 6, False),
    "the same token": ({"hello": {"serial": SERIALS[FIRST]}}, 2, False),
    "a page too many": ({"accounts.list": {"accounts": [], "total": 65536}}, 5, False),
    "a batch of nothing": ({"accounts.batch": {"batch_id": 7}}, 5, True),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_of_the_second_is_no_success_and_costs_the_first_nothing(
    computer: Computer, lie: str
):
    lies, code, written = LIES[lie]
    honest, _ = plug(computer, Liar(lies))
    ended = computer(ALSO, "--port", FIRST)
    assert ended.code == code, ended
    assert "on both tokens" not in ended.err and not ended.out
    names = honest.answer.names  # pyrefly: ignore[missing-attribute]
    assert names == (["alice", "bob", "carol"] if written else [])
    assert honest.methods.count("accounts.add") == len(names)
    if written:
        assert "The second token, at " in ended.err, ended
    unacknowledged = lie in ("another secret", "a batch of nothing")
    assert ("Only the first token has: " in ended.err) == unacknowledged, ended


@pytest.mark.parametrize("name", ["escape", "bidi", "c1"])
def test_what_the_second_says_is_not_obeyed(computer: Computer, name: str):
    text = HOSTILE.get(name, "\x1b]0;x\x07\u202e")
    for lies in ({"hello": {"serial": text[:20]}}, {"hello": {"board": text[:20]}}):
        plug(computer, Liar(lies))
        ended = computer(ALSO, "--port", FIRST)
        assert not obeyed(ended.err.encode()) and not obeyed(ended.out.encode())


class Lost(HostileToken):
    """A second token that is pulled out, once, when it has stored this number of accounts.

    Its answer to the last one is lost.
    """

    def __init__(self, vault: Vault, last: int) -> None:
        super().__init__(vault)
        self.name = SECOND
        self.last = last

    def write(self, data: bytes) -> None:
        if self.methods.count("accounts.add") == self.last:
            self.last = -1
            raise LinkError("the port has disappeared: was the token unplugged?")
        super().write(data)


def connected_again(
    computer: Computer, monkeypatch: pytest.MonkeyPatch, first: Vault, again: Vault, lost: int = 2
) -> str:
    """Add three accounts to a second token; it goes away, and another one comes. What is said."""
    enrolments = [each for uri in URIS.split() for each in enrolled.from_text(uri)]
    computer.tokens[SECOND] = Lost(first, lost)
    asked: list[str] = []

    def agrees(question: str) -> bool:
        asked.append(question)
        later = HostileToken(again)
        later.name = SECOND
        computer.tokens[SECOND] = later
        return len(asked) < 3

    monkeypatch.setattr(second_token, "agrees", agrees)
    with SecondToken(Session(), SECOND) as second:
        second.plan(enrolments, False, False)
        try:
            second.write(Output(as_json=False), True)
        except TokenctlError as error:
            return str(error)
    return ""


def test_the_same_token_goes_on_where_it_was(computer: Computer, monkeypatch):
    vault = Vault(SERIALS[SECOND], stored=False)
    assert connected_again(computer, monkeypatch, vault, vault) == ""
    assert vault.names == ["alice", "bob", "carol"]


def test_another_token_with_the_same_serial_number_is_found_out(computer: Computer, monkeypatch):
    """It lacks what the first one acknowledged, and gets all: all is said to be on both."""
    one, other = (Vault(SERIALS[SECOND], stored=False) for _ in range(2))
    assert connected_again(computer, monkeypatch, one, other) == ""
    assert (one.names, other.names) == (["alice", "bob"], ["alice", "bob", "carol"])


def test_a_token_that_lists_nothing_is_not_believed_when_it_is_connected_again(
    computer: Computer, monkeypatch
):
    """Nothing is left to be written: all was acknowledged the first time."""
    liar = Liar({"accounts.list": {"accounts": [], "total": 0}})
    said = connected_again(computer, monkeypatch, liar, liar, lost=-1)
    assert "does not list" in said


def test_another_serial_number_is_not_written_to(computer: Computer, monkeypatch):
    stranger = Vault("FFFFFFFFFFFF", stored=False)
    said = connected_again(computer, monkeypatch, Vault(SERIALS[SECOND], stored=False), stranger)
    assert "disappeared" in said and stranger.names == []
