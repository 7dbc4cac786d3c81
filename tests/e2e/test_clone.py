"""A clone: all accounts go from one token to another, and the computer between reads none."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from e2e.saved import after, provision, restarted
from e2e.small_text import shows
from e2e.two_tokens import Side
from e2e.typist import Typist

from otpcore.account import Account
from otpcore.errors import BackupOver, Refused
from tokenctl.cli import main
from tokenctl.cli.session import Session
from tokenctl.device.cloning import clone
from tokenctl.device.link import Link
from tokenctl.device.token import StoredAccount
from tokenctl.errors import LinkError
from tokensim.token import START, SimulatedToken

SECRET = b"12345678901234567890"
PIN = "483920"
ACCOUNTS = (
    Account("Bank", "alice", SECRET),
    Account("Steam", "gordon", SECRET[::-1], "steam", digits=5),
    Account("VPN", "Ä✓", SECRET * 6, "totp", "SHA512", 8, 60),
    Account("Mail", "alice", b"correct horse battery", "static"),
)


def _four_accounts(sim: SimulatedToken) -> None:
    provision(sim, *ACCOUNTS, synced=False)


@pytest.fixture
def pair() -> Iterator[tuple[Side, Side]]:
    """A token with accounts and an empty one."""
    with restarted(after(_four_accounts)) as one, SimulatedToken(start=START + 1) as other:
        yield Side(one), Side(other)


def copied(pair: tuple[Side, Side]) -> dict[str, int]:
    with pair[0].token() as giver, pair[1].token() as taker:
        return clone(giver, taker)


def facts(accounts: list[StoredAccount]) -> list[dict[str, Any]]:
    return [each.describe() for each in accounts]


def test_all_arrives_as_it_was_and_nothing_of_it_was_on_the_wire(pair, monkeypatch):
    one, other = pair
    wire: list[Any] = []
    request = Link.request

    def heard(link: Link, method: str, parameters: Any = None, **more: Any) -> Any:
        result = request(link, method, parameters, **more)
        wire.append((method, parameters, result))
        return result

    monkeypatch.setattr(Link, "request", heard)
    counts = copied(pair)
    monkeypatch.undo()
    assert counts == {"added": 4, "replaced": 0, "skipped": 0, "kept": 0, "damaged": 0}
    assert facts(one.has()) == facts(other.has())
    assert one.asked == other.asked == ["restarts", "hold", "press"]
    said = json.dumps(wire).encode()
    for each in ACCOUNTS:
        assert each.secret not in said and str(each.to_wire()["secret"]).encode() not in said
        assert each.name.encode() not in said


def test_a_giver_with_a_pin_wants_it_anew_and_a_second_clone_changes_nothing(pair):
    """At its next unlocking the giver says that its accounts were copied."""
    one, other = pair
    one.set_pin(PIN)
    assert copied(pair)["added"] == 4
    assert one.asked == ["hold", "pin", "press"]  # the PIN's key was drawn in the same run
    before = facts(other.has())
    other.asked.clear()
    assert copied(pair)["skipped"] == 4  # app passwords too: only the token compares those
    assert facts(other.has()) == before
    one.sim.wait(60)  # dark, and locked
    one.sim.press()
    one.sim.wait(1)
    Typist(one.sim).enter(PIN)
    one.sim.wait(20)
    assert says(one, "Accounts copied") and says(one, "date not known")
    one.sim.press()
    one.sim.wait(2)
    assert not says(one, "Accounts copied")
    other.sim.wait(60)
    other.sim.press()
    other.sim.wait(2)
    assert not says(other, "Accounts copied")


def says(side: Side, text: str) -> bool:
    rows = [[int(pixel) for pixel in row] for row in side.sim.look()[0]]
    return shows(rows, text) or shows([[1 - pixel for pixel in row] for row in rows], text)


def test_what_is_there_stays_and_another_secret_is_asked_about_at_the_taker(pair):
    one, other = pair
    other.put(Account("Bank", "alice", b"another secret of it"), Account("Own", "", SECRET))
    other.refuse = ()
    counts = copied(pair)
    assert counts["added"] == 3 and counts["replaced"] == 1
    assert other.asked == ["restarts", "hold", "press", "press"]
    assert [each.issuer for each in other.has()] == ["Bank", "Own", "Steam", "VPN", "Mail"]
    assert other.has()[0].key_check_value == ACCOUNTS[0].key_check_value()


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("notice", ["hold", "press"])
def test_a_no_at_either_copies_nothing_and_ends_it_on_both(pair, monkeypatch, who, notice):
    """What each has begun is dropped there: nobody can go on with it, whatever they kept of it."""
    request, begun, dropped = Link.request, [], []

    def heard(link: Link, method: str, parameters: Any = None, **more: Any) -> Any:
        if method == "transfer.cancel":
            dropped.append((link, parameters["transfer_id"]))
        answer = request(link, method, parameters, **more)
        if "exchange_id" in (answer or {}):
            begun.append((link, answer["exchange_id"]))
        return answer

    monkeypatch.setattr(Link, "request", heard)
    pair[who].refuse = (notice,)
    with pair[0].token() as giver, pair[1].token() as taker:
        with pytest.raises(Refused):
            clone(giver, taker)
        assert dropped == begun
        assert len(begun) == (who if notice == "hold" else 2)
        for link, exchange_id in begun:
            for method in ("clone.compare", "clone.give"):
                with pytest.raises(BackupOver):
                    request(link, method, {"exchange_id": exchange_id})
    assert pair[1].has() == []
    pair[who].refuse = ()
    assert copied(pair)["added"] == 4


@pytest.mark.parametrize(
    "left", [1, 9, *(pytest.param(n, marks=pytest.mark.long) for n in (0, 2, 3, 4, 6, 7, 8))]
)
def test_a_cable_that_goes_leaves_the_taker_as_it_was(pair, monkeypatch, left):
    """Before each message but the last; behind that all of it counts."""
    request, sent = Link.request, []

    def cut(link: Link, method: str, *more: Any, **options: Any) -> Any:
        if method.startswith(("clone.", "backup.", "transfer.")) and method != "transfer.cancel":
            if len(sent) == left:
                raise LinkError("the port has gone")
            sent.append(method)
        return request(link, method, *more, **options)

    monkeypatch.setattr(Link, "request", cut)
    with pytest.raises(LinkError):
        copied(pair)
    monkeypatch.undo()
    assert pair[1].has() == [] and "transfer.finish" not in sent
    assert copied(pair)["added"] == 4


def test_the_command_names_what_it_did_and_refuses_hotp(pair, monkeypatch, capfd):
    one, other = pair
    one.put(Account("Door", "", SECRET, "hotp", counter=3))
    sides = {"a": one, "b": other}
    monkeypatch.setattr(
        "tokenctl.device.token.SerialTransport", lambda port: sides[port].sim.transport()
    )
    opened = Session.other_token

    def answering(session: Session, port: str, which: str) -> Any:
        session = Session(json=session.json)
        session._notice = sides[port].answer
        return opened(session, port, which)

    monkeypatch.setattr(Session, "other_token", answering)

    def run(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main.run(["clone", *arguments])
        return (code, *capfd.readouterr())

    code, out, err = run("--from", "a", "--to", "a")
    assert code == 2 and "two tokens are needed" in err
    for option in ("--port", "--serial"):
        code, out, err = run("--from", "a", "--to", "b", option, "c")
        assert code == 2 and f"eave out {option}:" in err
    monkeypatch.setenv("TOKENCTL_PORT", "c")  # of the other commands
    code, out, err = run("--from", "a", "--to", "b")
    assert code == 3 and "'Door:'" in err and "--hotp" in err
    assert other.has() == [] and not one.asked
    code, out, err = run("--from", "a", "--to", "b", "--hotp")
    assert code == 0, err
    assert "5 accounts are on both tokens, verified" in err and "eight digits" in err
    assert facts(one.has()) == facts(other.has())
