"""Requests good, malformed and enormous: one clear answer each, and a token that lives on."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import presser
from e2e.wires import BareHost, Wire

from otpcore import errors
from otpcore.account import Account
from otpcore.lines import LineReader
from otpcore.messages import MESSAGE_MAX
from tokenctl.device import forms, models
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")
FIRMWARE = Path(__file__).parents[2] / "firmware"

# A good request of each method, on a token with one account.
PARAMETERS: dict[str, dict[str, Any]] = {
    "hello": {"protocol": 1},
    "list": {"from": 0},
    "add": {"account": Account("B", "b", b"x" * 20, "totp").to_wire()},
    "batch": {"add": 1, "replace": 1},
    "rename": {"account": 1, "issuer": "C", "name": "c"},
    "move": {"account": 1, "position": 0},
    "remove": {"account": 1},
    "code": {"account": 1},
    "pin": {"action": "set"},
    "lock_after": {"seconds": 60},
    "cancel": {"request": "AAAAAAAA"},
    "clock_set": {"unix": 1_900_000_000},
}
WITHOUT = {
    "status", "wipe", "lock", "clock_read", "clock_probe", "clock_edge", "clock_log",
}  # fmt: skip
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
    found = [json.dumps(junk) for junk in JUNK if junk != {}]
    variants: list[Any] = []
    for field in good:
        variants.append({name: value for name, value in good.items() if name != field})
        variants += [good | {field: junk} for junk in JUNK]
    if method == "add":
        account = good["account"]
        for field in account:
            variants.append({"account": {n: v for n, v in account.items() if n != field}})
            variants += [{"account": account | {field: junk}} for junk in JUNK]
        variants.append({"account": account | {"more": 1}})
        variants += [good | {"replace": junk} for junk in JUNK if junk is not None]
        variants += [good | {"batch": junk} for junk in JUNK if junk is not None]
    found += [json.dumps(variant) for variant in variants]
    for field in good:
        marked = json.dumps(good | {field: "MARK"})
        found += [marked.replace('"MARK"', text) for text in NUMERALS + DEEP]
    return [body for body in found if len(body) < MESSAGE_MAX - 60]


@pytest.mark.parametrize(
    "method",
    [
        pytest.param(each, marks=[pytest.mark.long] * (each in ("rename", "move", "lock_after")))
        for each in PARAMETERS
    ],
)
def test_malformed_parameters(sim, token, method):
    """One error each, in words; nobody is asked to press; nothing in flash changes."""
    token.add(ALICE)
    flash = sim.board.flash
    before = flash.read(0, flash.size)
    host = BareHost(sim.transport())
    for number, body in enumerate(bodies(method)):
        begun = sim.time.now()
        host.send(
            b'{"id":"%08d","method":"%s","params":%s}' % (number, method.encode(), body.encode())
        )
        while not host.messages and sim.time.now() - begun < 5 * 10**9:
            host.listen(0.1)
        (answer,) = host.messages
        host.messages.clear()
        assert set(answer) == {"id", "error"}, (body, answer)
        assert answer["id"] in (f"{number:08}", None)
        assert answer["error"]["code"] in ("bad_request", "no_such_account"), (body, answer)
        sentence = answer["error"]["message"]
        assert 10 < len(sentence) <= 200, (body, answer)
        assert "firmware failed" not in sentence and "memory" not in sentence, (body, answer)
    assert flash.read(0, flash.size) == before
    assert sim.simulator.resets == 0
    assert token.status().accounts == 1


def test_every_method_is_tried(token):
    assert set(token.identity.capabilities) == set(PARAMETERS) | WITHOUT | {"static"}


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
        b'{"id":"\xed\xa0\x80","method":"hello"}',
        b'{"id":null,"method":"hello"}',
        b'{"id":7,"method":"hello"}',
        b'{"id":true,"method":"hello"}',
        b'{"id":["12345678"],"method":"hello"}',
        b'{"id":"1234567","method":"hello"}',
        b'{"id":"123456789","method":"hello"}',
        '{"id":"1234567é","method":"hello"}'.encode(),
        b'{"id":"1234567\\ud800","method":"hello"}',
        b'{"id":"1234567\\u0000","method":"hello"}',
        b'{"id":"1234567 ","method":"hello"}',
        b"[" * MESSAGE_MAX,
        b'{"a":' * (MESSAGE_MAX // 5),
        b"x" * (MESSAGE_MAX + 1),
        b"x" * (MESSAGE_MAX * 2),
    ],
)
def test_what_is_no_request(sim, token, message):
    host = BareHost(sim.transport())
    answer = host.ask(message)
    assert answer["id"] is None
    assert answer["error"]["code"] == "bad_request"
    assert str(MESSAGE_MAX) in answer["error"]["message"]
    assert token.status().accounts == 0
    assert sim.simulator.resets == 0


@pytest.mark.parametrize("method", ["", "Hello", "reveal", "__init__", "é", "x" * 500, "hello "])
def test_unknown_method(sim, method):
    host = BareHost(sim.transport())
    answer = host.ask({"id": "AAAAAAAA", "method": method})
    assert answer["error"]["code"] == "unknown_method"
    assert len(answer["error"]["message"]) > 10


@pytest.mark.parametrize("method", [None, 7, True, 1.5, [], ["hello"], {}, {"hello": 1}])
def test_method_that_is_no_text(sim, method):
    answer = BareHost(sim.transport()).ask({"id": "AAAAAAAA", "method": method})
    assert (answer["id"], answer["error"]["code"]) == ("AAAAAAAA", "bad_request")


def test_unknown_method_of_tokenctl(token):
    with pytest.raises(errors.UnknownMethod):
        token._link.request("teleport")
    assert token.status().accounts == 0


def test_newer_protocol_asked_for(sim):
    host = BareHost(sim.transport())
    answer = host.ask({"id": "AAAAAAAA", "method": "hello", "params": {"protocol": 2, "new": []}})
    assert answer["error"]["code"] == "newer_protocol"
    assert "protocol 1" in answer["error"]["message"]
    assert "update the token's firmware" in answer["error"]["message"]


def test_a_message_at_the_limit_and_one_past(sim):
    """The token takes a request of the full length; tokenctl sends none that is longer."""
    host = BareHost(sim.transport())
    request = b'{"id":"AAAAAAAA","method":"status","more":"%s"}'
    full = request % (b"x" * (MESSAGE_MAX - len(request % b"")))
    assert len(full) == MESSAGE_MAX
    assert "result" in host.ask(full)
    assert host.ask(full.replace(b"xx", b"xxx", 1))["error"]["code"] == "bad_request"
    wire = Wire(sim.transport())
    with Token(wire) as token:
        sent = len(wire.written)
        with pytest.raises(errors.BadRequest, match="more than 2048 bytes"):
            token.rename(1, "i" * MESSAGE_MAX, "a")
        with pytest.raises(errors.BadRequest, match="no Unicode"):
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
        for number in range(30)
    ]
    batch = token.batch(len(accounts))
    for account in accounts:
        token.add(account, batch=batch)
    wire = Wire(sim.transport())
    with Token(wire) as second:
        found = second.accounts()
    assert [each.account for each in found] == [each.account for each in accounts]
    assert [each.key_check_value for each in found] == [each.key_check_value() for each in accounts]
    requests = [
        line for line in LineReader().feed(bytes(wire.written)) if b'"list"' in line.payload
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


MEMORY = """

async def memory(token, request):
    import gc

    gc.collect()
    return gc.mem_free()
"""


def test_memory_after_200_requests_is_what_it_was(tmp_path, monkeypatch):
    """And all that the firmware ever writes is lines: no stray print, no traceback."""
    monkeypatch.setitem(models.ANSWERS, "memory", forms.number(0, 1 << 30))
    firmware = tmp_path / "firmware"
    shutil.copytree(FIRMWARE, firmware)
    commands = firmware / "tokenfw" / "link" / "commands"
    methods = (commands / "__init__.py").read_text()
    known = '"status": "tokenfw.link.commands.device",'
    assert known in methods
    methods = methods.replace(known, known + known.replace("status", "memory"))
    (commands / "__init__.py").write_text(methods)
    device = (commands / "device.py").read_text()
    (commands / "device.py").write_text(device + MEMORY)
    with SimulatedToken(firmware=firmware) as sim:
        sim.wait(0.5)
        sim.receive(0)  # the boot log
        wire = Wire(sim.transport())
        with Token(wire, presser(sim)) as token:
            token.sync()
            token.add(ALICE)
            batch = token.batch(0, 20)
            for _ in range(20):  # the vault remembers the last changes
                token.add(ALICE, replace=1, batch=batch)
            free = []
            for number in range(200):
                mixed_request(token, number)
                if number % 20 == 9:
                    free.append(token._link.request("memory"))
            assert token.status().accounts == 1
        assert sim.simulator.resets == 0
    assert free[0] - free[-1] < 512, free
    assert free[-1] > 30_000, free  # a thousand accounts need that much when they are opened
    written = bytes(wire.arrived)
    assert all(LineReader().feed(line + b"\n") for line in written.split(b"\n")[:-1])
    assert written.endswith(b"\n")


def mixed_request(token: Token, number: int) -> None:
    kind = number % 10
    if kind < 3:
        token.accounts()
    elif kind < 5:
        token.status()
    elif kind == 5:
        with pytest.raises(errors.UnknownMethod):
            token._link.request(f"method{number}")
    elif kind == 6:
        with pytest.raises(errors.BadRequest):
            token._link.request("rename", {"account": [[[[]]]], "issuer": "x" * 1500})
    elif kind == 7:
        with pytest.raises(errors.AccountExists):
            token.add(ALICE)
    elif kind == 8:
        token.rename(1, ALICE.issuer, ALICE.account)
    else:
        token.read_clock()
