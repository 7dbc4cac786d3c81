"""tokenctl provision --also: the same accounts on two tokens, or it is said which lacks what."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from e2e.commandline import NO, PRESS, CommandLine, Result
from e2e.typist import Typist
from support.apps import aegis

from tokenctl.device.token import StoredAccount, Token
from tokenctl.errors import LinkError
from tokensim.token import START, SimulatedToken

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PIN = "483920"


def uri(name: str, kind: str = "totp", secret: str = SECRET) -> str:
    more = "&counter=0" if kind == "hotp" else ""
    return f"otpauth://{kind}/Site:{name}?secret={secret}{more}\n"


THREE = uri("alice") + uri("bob") + uri("carol")


class Pair:
    """Two tokens at the ports `one` and `two`; somebody presses on the one that asks."""

    def __init__(self, run: CommandLine, other: SimulatedToken) -> None:
        self.run = run
        self.tokens = {"one": run.token, "two": other}
        self.pulled: Callable[[str], bool] = lambda port: False
        self.asking = "one"
        self.asked: list[str] = []

    def transport(self, port: str) -> Any:
        """Open a port."""
        return Watched(self, port)

    def __call__(
        self, *arguments: str, stdin: str = THREE, also: str = "two", **answers: str
    ) -> Result:
        """Provision both; `answers` are what somebody does at `one` and at `two`."""
        self.asked.clear()

        def answer(notice: str) -> None:
            self.asked.append(self.asking)
            what = answers.get(self.asking, PRESS)
            if notice == "pin":
                Typist(self.tokens[self.asking]).enter(PIN)
            else:
                self.tokens[self.asking].press(1.2 if what == NO else 0.1, 0.7)

        ports = ("--port", "one", "provision", "--all", "--also", also, "-")
        return self.run(*ports, *arguments, stdin=stdin, answer=answer, port=False)

    def on(self, port: str) -> list[StoredAccount]:
        """Return what a token has."""
        with Token(self.tokens[port].transport()) as token:
            return token.accounts()

    def names(self, port: str) -> list[str]:
        return [each.name for each in self.on(port)]


class Watched:
    """A token's port, which says who was read from, and which can be pulled out."""

    def __init__(self, pair: Pair, port: str) -> None:
        self._pair, self._port = pair, port
        self._transport = pair.tokens[port].transport()

    def read(self, timeout: float) -> bytes:
        """Return what has come."""
        self._pair.asking = self._port
        if self._pair.pulled(self._port):
            self._transport.sleep(1)
            raise LinkError(f"the port {self._port} has gone: was the token unplugged?")
        return self._transport.read(timeout)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


@pytest.fixture
def pair(commandline: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    with SimulatedToken(start=START + 1) as other:  # and so with another serial number
        pair = Pair(commandline, other)
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", pair.transport)
        yield pair


def test_both_have_the_same_accounts_after_one_press_on_each(pair):
    result = pair()
    assert result.code == 0, result
    assert pair.asked == ["one", "two"]
    assert "All 3 accounts are on both tokens" in result.err
    first, second = result.err.index("The first token:"), result.err.index("The second token, two:")
    assert first < result.err.index("Look at the token") < second
    assert pair.names("one") == ["alice", "bob", "carol"]
    assert pair.on("one") == pair.on("two")


def test_the_second_one_goes_away_and_the_same_command_finishes(pair):
    writes = []
    store = Token._store

    def counted(token: Token, *arguments: Any) -> int:
        writes.append(token)
        return store(token, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Token, "_store", counted)
        pair.pulled = lambda port: port == "two" and len(writes) > 4
        result = pair("--json")
    assert (result.code, result.out) == (5, ""), result
    assert "the second token, at two: " in result.err.lower() and "unplugged" in result.err
    assert "Only the first token has: 'Site:bob', 'Site:carol'." in result.err
    assert "the same command again" in result.err
    pair.pulled = lambda port: False
    pair.tokens["two"].wait(4)
    result = pair("--json")
    assert result.code == 0 and pair.asked == ["two"], result
    assert pair.on("one") == pair.on("two")
    assert [each["name"] for each in result.json] == ["alice", "bob", "carol"]
    assert pair().code == 0 and not pair.asked


def test_a_refusal_at_the_first_writes_neither_and_at_the_second_is_said(pair):
    result = pair(one=NO)
    assert result.code == 7 and pair.asked == ["one"] and not pair.names("two")
    result = pair(two=NO)
    assert result.code == 7 and pair.names("two") == []
    assert "Only the first token has: 'Site:alice', 'Site:bob', 'Site:carol'." in result.err


def test_hotp_needs_a_word(pair):
    counting = THREE + uri("door", "hotp")
    pair(stdin=counting).refused(3, "'Site:door'", "HOTP", "--hotp")
    assert not pair.names("one") and not pair.asked
    assert pair("--hotp", stdin=counting).code == 0
    assert pair.on("one") == pair.on("two") and len(pair.on("one")) == 4


def test_another_secret_on_the_second_is_found_before_the_first_is_written(pair):
    assert pair(stdin=uri("alice")).code == 0
    with Token(pair.tokens["two"].transport(), lambda _: pair.tokens["two"].press(0.1, 0.7)) as two:
        two.rename(two.accounts()[0].account_id, "Site", "bob")
    other = uri("bob", secret=SECRET[::-1].replace("0", "A").replace("1", "B"))
    result = pair(stdin=other)
    result.refused(6, "second token, at two", "'Site:bob'", "--replace")
    assert pair.names("one") == ["alice"]
    assert pair("--replace", stdin=other).code == 0
    assert pair.names("one") == ["alice", "bob"] and pair.names("two") == ["bob"]


def test_a_locked_second_token_asks_for_its_pin_before_anything_is_written(pair):
    two = pair.tokens["two"]

    def twice(notice: str) -> None:
        Typist(two).enter(PIN).enter(PIN)

    with Token(two.transport(), twice) as token:
        token.change_pin()
        token.lock()
    result = pair()
    assert result.code == 0, result
    assert pair.asked == ["two", "one", "two"] and pair.on("one") == pair.on("two")


def test_one_token_is_no_two(pair, monkeypatch):
    pair(also="one").refused(2, "the same port")
    pair.tokens["again"] = pair.tokens["one"]
    pair(also="again").refused(2, "the first one", "two tokens are needed")
    assert not pair.names("one")


def test_a_port_with_no_second_token_writes_nothing(pair):
    pair.pulled = lambda port: port == "two"
    pair().refused(5, "second token, at two", "unplugged")
    assert not pair.names("one")


def test_a_full_second_token_writes_nothing(pair, monkeypatch):
    status, full = Token.status, pair.tokens["two"].board.serial.hex().upper()

    def nearly_full(token: Token) -> Any:
        answer = status(token)
        return replace(answer, capacity=2) if token.identity.serial == full else answer

    monkeypatch.setattr(Token, "status", nearly_full)
    pair().refused(6, "second token, at two", "room for 2 more, not for 3")
    assert not pair.names("one")


def test_what_one_token_has_acknowledged_is_kept(pair, tmp_path):
    words = tmp_path / "words"
    words.write_text("correct horse battery\n")
    options = "--keep", str(tmp_path / "kept"), "--keep-password-file", str(words)
    assert pair(*options, two=NO).code == 7
    kept = aegis.opened((tmp_path / "kept").read_bytes(), "correct horse battery")["entries"]
    assert [each["name"] for each in kept] == ["alice", "bob", "carol"]
