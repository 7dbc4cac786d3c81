"""Requests good, malformed and enormous: one clear answer each, and a token that lives on."""

import base64
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import presser
from e2e.wires import BareHost, Wire

from otpcore import errors
from otpcore.account import Account
from otpcore.lines import LONG_MAX, LineReader
from otpcore.messages import MESSAGE_MAX
from tokenctl.device.refusals import SENTENCES
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")
FIRMWARE = Path(__file__).parents[2] / "firmware"

# A good request of each method, on a token with one account.
PARAMETERS: dict[str, dict[str, Any]] = {
    "hello": {"protocol": 1},
    "accounts.list": {"start": 0},
    "accounts.find": {"name": "Example Bank"},
    "accounts.add": {"account": Account("B", "b", b"x" * 20, "totp").to_wire()},
    "accounts.replace": {
        "account_id": 1,
        "account": Account("B", "b", b"x" * 20, "totp").to_wire(),
    },
    "accounts.batch": {"additions": 1, "replacements": 1},
    "accounts.rename": {"account_id": 1, "issuer": "C", "name": "c"},
    "accounts.move": {"account_id": 1, "position": 0},
    "accounts.favourite": {"account_id": 1, "favourite": True},
    "accounts.remove": {"account_id": 1},
    "accounts.code": {"account_id": 1},
    "vault.lock_after": {"seconds": 60},
    "cancel": {"request_id": "AAAAAAAA"},
    "clock.set": {"unix_time": 1_900_000_000},
    "examine.button": {"number": 0},
    "transfer.read": {"transfer_id": "AAAAAAAA", "part": 0},
    "backup.open": {"purpose": "merge", "header": "A" * 104},
    "transfer.write": {"transfer_id": "AAAAAAAA", "part": 0, "data": "A" * 8},
    "transfer.finish": {"transfer_id": "AAAAAAAA"},
    "backup.compare": {"identity": "A" * 43 + "="},
    "chip.bind": {"block": 0},
    "clone.offer": {"serial": "0123456789AB"},
    "clone.accept": {"serial": "AB", "account_count": 1, "commitment": "A" * 43 + "="},
    "clone.meet": {"exchange_id": "AAAAAAAA", "public_key": "A" * 43 + "="},
    "clone.compare": {"exchange_id": "AAAAAAAA"},
    "clone.give": {"exchange_id": "AAAAAAAA"},
    "clone.take": {"exchange_id": "AAAAAAAA", "header": "A" * 104},
}
WITHOUT = {
    "status", "wipe", "vault.lock", "vault.set_pin", "vault.clear_pin",
    "clock.read", "clock.probe", "clock.edge", "clock.log",
    "examine.board", "examine.flash", "examine.memory", "examine.panel",
    "backup.make", "backup.state", "backup.forbid",
    "chip.key", "chip.unbind", "chip.examine",
    "transfer.cancel",  # of a transfer that is over is no error
}  # fmt: skip
NOWHERE = (
    "bad_request",
    "bad_backup",
    "no_such_account",
    "backup_over",
)  # there is no such account or transfer
JUNK = (
    None,
    True,
    False,
    1.5,
    -1,
    1 << 41,
    1 << 64,
    10**1500,
    -(10**400),
    [],
    {},
    {"a": [{}]},
    "\ud800",
    "\udc00\ud800",
    "\x00",
    "\n",
    "x" * 65,
    "\U0001f511" * 17,
)
NUMERALS = ("1e999", "-1e999", "1e-999", "NaN", "0x10", "--1", "1" * 1800, "0." + "1" * 1500)
DEEP = ("[" * 900 + "]" * 900, '{"a":' * 300 + "1" + "}" * 300, "[" * 1900, '{"a":' * 380)


def bodies(method: str) -> list[str]:
    """Return the parameters, as JSON, that are wrong in one place."""
    good = PARAMETERS[method]
    found = [json.dumps(each) for each in JUNK if each != {}]
    variants: list[Any] = []
    for field in good:
        variants.append({name: value for name, value in good.items() if name != field})
        is_flag = isinstance(good[field], bool)  # either value of which is a good one
        junk = [each for each in JUNK if not (is_flag and isinstance(each, bool))]
        variants += [good | {field: each} for each in junk]
    if method == "accounts.add":
        account = good["account"]
        for field in account:
            variants.append({"account": {n: v for n, v in account.items() if n != field}})
            variants += [{"account": account | {field: junk}} for junk in JUNK]
        variants.append({"account": account | {"more": 1}})
        variants += [good | {"batch_id": junk} for junk in JUNK if junk is not None]
    found += [json.dumps(variant) for variant in variants]
    for field in good:
        marked = json.dumps(good | {field: "MARK"})
        found += [marked.replace('"MARK"', text) for text in NUMERALS + DEEP]
    if method == "accounts.find":  # a full name has two of the longest names, and a colon
        found = [body for body in found if "x" * 65 not in body]
    return [body for body in found if len(body) < MESSAGE_MAX - 60]


NEW_IDS = (f"{number:08}" for number in itertools.count())  # a token answers each only once


@pytest.fixture(scope="module")
def one_token():
    """A token with one account, for requests that change nothing.

    A test leaves it after an account_count(): another BareHost begins to count its lines anew.
    """
    with SimulatedToken() as sim:
        with Token(sim.transport(), presser(sim)) as token:
            token.add(ALICE)
        yield sim


def account_count(sim: SimulatedToken) -> int | None:
    with Token(sim.transport()) as token:
        return token.status().account_count


@pytest.mark.parametrize("method", PARAMETERS)
def test_malformed_parameters(one_token, method):
    """A fourth of them, another of each method, so that all kinds of junk are in each run."""
    are_refused(one_token, method, bodies(method)[list(PARAMETERS).index(method) % 4 :: 4])


@pytest.mark.long
@pytest.mark.parametrize("method", PARAMETERS)
def test_all_malformed_parameters(one_token, method):
    are_refused(one_token, method, bodies(method))


def are_refused(sim: SimulatedToken, method: str, parameters: list[str]) -> None:
    """Assert one error each, in words; nobody is asked to press; nothing in flash changes."""
    flash = sim.board.flash
    before = flash.read(0, flash.size)
    host = BareHost(sim.transport())
    for body in parameters:
        number = next(NEW_IDS)
        begun = sim.time.now()
        host.send(
            b'{"request_id":"%s","method":"%s","params":%s}'
            % (number.encode(), method.encode(), body.encode())
        )
        while not host.messages and sim.time.now() - begun < 5 * 10**9:
            host.listen(0.1)
        (answer,) = host.messages
        host.messages.clear()
        assert set(answer) == {"request_id", "error"}, (body, answer)
        assert answer["request_id"] in (number, None)
        assert answer["error"]["code"] in NOWHERE, (body, answer)
        assert answer["error"].keys() <= {"code", "reason", "value"}, (body, answer)
        if answer["error"]["code"] == "bad_request":
            assert answer["error"]["reason"] in SENTENCES["bad_request"], (body, answer)
    assert flash.read(0, flash.size) == before
    assert sim.chip.resets == 0
    assert account_count(sim) == 1


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"null",
        b"7",
        b"[]",
        b'"id"',
        b"{}",
        b"\xff\xfe",
        b'{"request_id":"\xed\xa0\x80","method":"hello"}',
        b'{"request_id":null,"method":"hello"}',
        b'{"request_id":7,"method":"hello"}',
        b'{"request_id":true,"method":"hello"}',
        b'{"request_id":["12345678"],"method":"hello"}',
        b'{"request_id":"1234567","method":"hello"}',
        b'{"request_id":"123456789","method":"hello"}',
        '{"request_id":"1234567é","method":"hello"}'.encode(),
        b'{"request_id":"1234567\\ud800","method":"hello"}',
        b'{"request_id":"1234567\\u0000","method":"hello"}',
        b'{"request_id":"1234567 ","method":"hello"}',
        b"[" * MESSAGE_MAX,
        b'{"a":' * (MESSAGE_MAX // 5),
        b"x" * (MESSAGE_MAX + 1),
        b"x" * (MESSAGE_MAX * 2),
    ],
)
def test_what_is_no_request(one_token, message):
    host = BareHost(one_token.transport())
    answer = host.ask(message)
    assert answer["request_id"] is None
    assert answer["error"]["code"] == "bad_request"
    assert (answer["error"]["reason"], answer["error"]["value"]) == ("malformed", MESSAGE_MAX)
    assert account_count(one_token) == 1
    assert one_token.chip.resets == 0


UNKNOWN = (
    "",
    "Hello",
    "reveal",
    "__init__",
    "é",
    "x" * 500,
    "hello ",
    ".hello",
    "accounts",
    "accounts.",
    "clock._read",
    "a.b.c",
)


def test_unknown_methods(sim):
    host = BareHost(sim.transport())
    for method in UNKNOWN:
        answer = host.ask({"request_id": next(NEW_IDS), "method": method})
        assert answer["error"] == {"code": "unknown_method"}, method


def test_methods_that_are_no_texts(sim):
    host = BareHost(sim.transport())
    for method in (None, 7, True, 1.5, [], ["hello"], {}, {"hello": 1}):
        number = next(NEW_IDS)
        answer = host.ask({"request_id": number, "method": method})
        assert (answer["request_id"], answer["error"]["code"]) == (number, "bad_request"), method


def test_unknown_method_of_tokenctl(one_token):
    with (
        Token(one_token.transport()) as token,
        pytest.raises(errors.UnknownMethod, match="update it with tokenctl flash"),
    ):
        token._link.request("teleport")
    assert account_count(one_token) == 1


def test_newer_protocol_asked_for(sim):
    host = BareHost(sim.transport())
    answer = host.ask(
        {"request_id": next(NEW_IDS), "method": "hello", "params": {"protocol": 2, "new": []}}
    )
    assert answer["error"] == {"code": "newer_protocol", "reason": "protocol", "value": 1}


def test_a_message_at_the_limit_and_one_past(sim):
    """The token takes a request of the full length; tokenctl sends none that is longer."""
    host = BareHost(sim.transport())
    request = b'{"request_id":"AAAAAAAA","method":"status","more":"%s"}'
    full = request % (b"x" * (MESSAGE_MAX - len(request % b"")))
    assert len(full) == MESSAGE_MAX
    assert "result" in host.ask(full)
    assert host.ask(full.replace(b"xx", b"xxx", 1))["error"]["code"] == "bad_request"
    wire = Wire(sim.transport())
    with Token(wire) as token:
        sent = len(wire.written)
        with pytest.raises(errors.BadRequest, match="at most 2048 bytes"):
            token.rename(1, "i" * MESSAGE_MAX, "a")
        with pytest.raises(errors.BadRequest, match="not valid Unicode"):
            token.rename(1, "\ud800", "a")
        assert len(wire.written) == sent


def test_a_long_list_comes_in_pages(sim, token):
    accounts = [
        Account(
            "\U0001f511" * 16,
            f"{number:02}" + "é" * 31,
            bytes([number + 1]) * 128,
            "totp",
            "SHA512",
        )
        for number in range(40)
    ]
    batch = token.batch(len(accounts))
    for account in accounts:
        token.add(account, batch_id=batch)
    wire = Wire(sim.transport())
    with Token(wire) as second:
        found = second.accounts()
    assert [each.name for each in found] == [each.name for each in accounts]
    assert [each.key_check_value for each in found] == [each.key_check_value() for each in accounts]
    requests = [
        line
        for line in LineReader().feed(bytes(wire.written))
        if b'"accounts.list"' in line.payload
    ]
    assert len(requests) > 3
    for secret in (accounts[0].secret, accounts[29].secret):
        assert base64.b64encode(secret)[:40] not in wire.arrived


def test_nobody_presses(sim):
    with Token(sim.transport()) as token:
        begun = sim.time.now()
        with pytest.raises(errors.NotPressed, match="within 30 s"):
            token.add(ALICE)
        assert 30e9 <= sim.time.now() - begun < 31e9
        assert token.accounts() == []


def test_refused_with_a_long_press(sim):
    with Token(sim.transport(), lambda notice: sim.hold(after=1)) as token:
        with pytest.raises(errors.Refused):
            token.add(ALICE)
        assert token.accounts() == []


def test_given_up(sim):
    def on_notice(notice: str) -> None:
        token.cancel()

    with Token(sim.transport(), on_notice) as token:
        begun = sim.time.now()
        with pytest.raises(errors.Cancelled):
            token.add(ALICE)
        assert sim.time.now() - begun < 3e9
        assert token.accounts() == []


def test_memory_after_200_requests_is_what_it_was():
    """And all that the firmware ever writes is lines: no stray print, no traceback."""
    with SimulatedToken() as sim:
        sim.wait(0.5)
        sim.receive(0)  # the boot log
        wire = Wire(sim.transport())
        with Token(wire, presser(sim)) as token:
            token.sync()
            token.add(ALICE)
            batch = token.batch(0, 20)
            for _ in range(20):  # the vault remembers the last changes
                token.replace(1, ALICE, batch_id=batch)
            free = []
            for number in range(200):
                mixed_request(token, number)
                if number % 20 == 9:
                    free.append(token.examination.memory()["free"])
            assert token.status().account_count == 1
        assert sim.chip.resets == 0
    # What grows is in all of the last ones; one alone may hold what is about to be let go.
    assert free[0] - max(free[-3:]) < 512, free
    assert free[-1] > 30_000, free  # a thousand accounts need that much when they are opened
    written = bytes(wire.arrived)
    strange = [
        line for line in written.split(b"\n")[:-1] if not LineReader(LONG_MAX).feed(line + b"\n")
    ]
    assert strange == []
    assert written.endswith(b"\n")


def mixed_request(token: Token, number: int) -> None:
    kind = number % 10
    if kind < 3:
        token.accounts()
    elif kind < 5:
        token.status()
    elif kind == 5:
        with pytest.raises(errors.UnknownMethod):
            token._link.request("teleport")
    elif kind == 6:
        with pytest.raises(errors.BadRequest):
            token._link.request("accounts.rename", {"account_id": [[[[]]]], "issuer": "x" * 1500})
    elif kind == 7:
        with pytest.raises(errors.AccountExists):
            token.add(ALICE)
    elif kind == 8:
        token.rename(1, ALICE.issuer, ALICE.name)
    else:
        token.read_clock()
