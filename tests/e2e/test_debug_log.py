"""tokenctl --debug: what a bug report needs, and nothing that is private, over all methods."""

import base64
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from attacks.hostile_token import HONEST, HostileToken, honest

from otpcore import errors, messages
from otpcore.account import Account
from otpcore.version import VERSION
from tokenctl.cli import log, main
from tokenctl.device import journal, models
from tokenctl.device.link import Link
from tokenctl.device.token import Token
from tokenctl.errors import LinkError

SECRET = b"SeCrEt*NoBoDy*SeEs*This!"
ISSUER, NAME, CODE, PIN_LENGTH = "Privatbank", "carol@example.org", "918273", 29
PRIVATE = (
    ISSUER, NAME, CODE, f"={PIN_LENGTH}", "AAAAAAAA", base64.b64encode(SECRET).decode(),
    SECRET.decode(), SECRET.hex(), "0a1b2c3d", "ABCDEF012345",
)  # fmt: skip
ACCOUNT = Account(ISSUER, NAME, SECRET)


def private(value: Any, field: str = "") -> Any:
    """Return a value of an answer, private wherever it could be."""
    if isinstance(value, dict):
        return {name: private(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [private(each, field) for each in value]
    known = {
        "issuer": ISSUER, "name": NAME, "code": CODE, "key_check_value": "0a1b2c3d",
        "pin_length": PIN_LENGTH, "serial": "ABCDEF012345", "batch_id": "AAAAAAAA",
    }  # fmt: skip
    return known.get(field, value)


def answers(token: HostileToken, method: str, parameters: dict[str, Any]) -> list[Any]:
    """Answer every method with what is private, and with more that nobody knows."""
    more = {"note": ISSUER, ISSUER: CODE, "nested": [{"secret": SECRET.decode()}]}
    result: Any = {**HONEST[method], **private(HONEST[method]), **more}
    (told,) = honest(token, method, parameters)
    assert isinstance(told, dict)
    if method == "clock.probe":
        result |= {name: told["result"][name] for name in ("received", "sent")}
    return [{"notice": ISSUER}, {"notice": "press"}, {"result": result}]


PARAMETERS: dict[str, dict[str, Any]] = {
    "accounts.add": {"account": ACCOUNT.to_wire(), "batch_id": "AAAAAAAA"},
    "accounts.replace": {"account_id": 1, "account": ACCOUNT.to_wire()},
    "accounts.rename": {"account_id": 1, "issuer": ISSUER, "name": NAME},
    "cancel": {"request_id": "AAAAAAAA"},
    "examine.button": {"number": 1},
}


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "log"
    log.begin("debug", str(path))
    yield path
    log.end()


@pytest.mark.parametrize("method", sorted(models.METHODS))
def test_nothing_private_of_any_method(lines: Path, method: str):
    link = Link(HostileToken(answers), lambda notice: None)
    link.request(method, {**PARAMETERS.get(method, {}), "more": SECRET.decode(), NAME: CODE})
    text = lines.read_text()
    assert f"> {method} " in text and f"< {method} " in text and "notice press" in text
    assert [each for each in PRIVATE if each in text] == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"code": "vault_full", "reason": "accounts", "value": 1000}, "vault_full accounts 1000"),
        ({"code": "busy", "reason": CODE, "value": CODE}, "busy *** ***"),
        ({"code": NAME, "reason": ISSUER}, "*** ***"),
        ({"code": "bad_request", "reason": "parameter", "value": ISSUER}, "parameter ***"),
    ],
)
def test_nothing_private_of_a_refusal(lines: Path, error: dict[str, Any], said: str):
    def refuse(token: HostileToken, method: str, parameters: dict[str, Any]) -> list[Any]:
        return [{"error": error}]

    with pytest.raises(errors.WireError):
        Link(HostileToken(refuse), lambda notice: None).request("accounts.add")
    text = lines.read_text()
    assert said in text
    assert [each for each in PRIVATE if each in text] == []


@pytest.mark.parametrize(
    "value", ["\x1b[2J", "x" * 65, "a\nb", "é", {"a": 1}, [["x" * 65]], 1 << 70, 1.5]
)
def test_a_field_that_is_shown_holds_no_text_but_a_short_plain_one(lines: Path, value: Any):
    def answer(token: HostileToken, method: str, parameters: dict[str, Any]) -> list[Any]:
        return [{"result": {"total": value, "accounts": []}}]

    with suppress(LinkError):
        Link(HostileToken(answer), lambda notice: None).request("accounts.list")
    assert re.search(r"total=(\*\*\*|\[\[\*\*\*\]\]), ", lines.read_text())


def test_a_report_has_what_it_needs(commandline, tmp_path):
    path = tmp_path / "log"
    result = commandline("--log-file", str(path), "provision", "--yes", "-", stdin=uri())
    assert result.code == 0
    text = path.read_text()
    for part in (f"version {VERSION}", f"protocol {messages.PROTOCOL}", "Python 3", "pyserial"):
        assert part in text
    assert "tokenctl provision" in text and "firmware=" in text and "board=esp32-devkit" in text
    assert "> accounts.add" in text and " s\n" in text
    assert [each for each in PRIVATE if each in text] == []
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def uri() -> str:
    secret = base64.b32encode(SECRET).decode().rstrip("=")
    return f"otpauth://totp/{ISSUER}:{NAME}?secret={secret}&issuer={ISSUER}"


def test_it_goes_to_standard_error_and_leaves_the_output_alone(commandline):
    plain = commandline("status", "--json")
    result = commandline("status", "--debug", "--json")
    assert result.json.keys() == plain.json.keys()
    assert "< status {" in result.err and "< status {" not in plain.err
    assert "< status" not in commandline("status", "--log-level", "info").err
    assert commandline("status").err == plain.err, "nothing is left of it"
    assert not journal._listeners


def test_an_unexpected_fault_names_it_and_its_traceback_has_no_value(commandline, monkeypatch):
    def fault(*arguments: Any) -> None:
        raise ValueError(SECRET.decode()) from KeyError(NAME)

    monkeypatch.setattr(Token, "status", fault)
    result = commandline("status")
    assert result.code == 1 and "tokenctl --debug" in result.err and "Traceback" not in result.err
    result = commandline("status", "--debug")
    assert "ValueError" in result.err and "KeyError" in result.err
    assert "tokenctl/cli/commands/device.py:" in result.err
    assert [each for each in PRIVATE if each in result.err] == []
    assert str(Path.home()) not in result.err.partition("Error:")[0]


@pytest.mark.parametrize(
    ("port", "shown"),
    [
        ("/dev/ttyUSB0", "/dev/ttyUSB0"),
        ("COM7", "COM7"),
        (f"/home/{NAME}/port", journal.STRUCK),
        (f"socket://{ISSUER}:9", "socket://***"),
        (uri(), "otpauth://***"),
    ],
)
def test_a_port_of_ones_own_is_struck_out(lines: Path, port: str, shown: str):
    journal.opened(port)
    assert f"port {shown} is open" in lines.read_text()


def test_a_log_that_cannot_be_written(tmp_path):
    assert main.run(["--log-file", str(tmp_path / "no" / "log"), "status"]) == 1


def test_this_test_sees_a_leak(monkeypatch, lines: Path):
    shown = models.Method(models.METHODS["accounts.rename"].validator, shown=("issuer",))
    monkeypatch.setitem(models.METHODS, "accounts.rename", shown)
    Link(HostileToken(answers), lambda notice: None).request("accounts.rename", {"issuer": ISSUER})
    assert ISSUER in lines.read_text()
