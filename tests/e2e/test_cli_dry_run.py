"""tokenctl provision that reaches for no token: a dry run, and a wrong command line."""

from typing import Any

import pytest
from e2e.provision_command import ADDED, EXAMPLE, PICTURES, SECRET, SEVERAL


@pytest.fixture
def no_token(commandline, monkeypatch):
    """The commands, where any attempt to reach a token fails."""

    def refuse(*arguments: Any) -> None:
        raise AssertionError("a token was looked for")

    monkeypatch.setattr("tokenctl.device.token.SerialTransport", refuse)
    monkeypatch.setattr("tokenctl.device.ports.list_ports.comports", refuse)
    return commandline


def test_a_dry_run_needs_no_token(no_token):
    result = no_token("provision", "--dry-run", str(EXAMPLE), port=False)
    assert result.code == 0
    assert "Example Bank" in result.out and ADDED["key_check_value"] in result.out


def test_a_dry_run_as_json_lists_all_without_secrets(no_token):
    result = no_token("provision", "--json", "--dry-run", str(SEVERAL), port=False)
    bank, vpn, door = result.json
    assert bank == {key: value for key, value in ADDED.items() if key != "account_id"} | {
        "warnings": []
    }
    common = {"type", "issuer", "name", "algorithm", "digits", "key_check_value", "warnings"}
    assert set(vpn) == common | {"period"}
    assert set(door) == common | {"counter"} and door["counter"] == 7
    weak = no_token("provision", "--json", "--dry-run", str(PICTURES / "microsoft.png"), port=False)
    assert "80 bits" in weak.json[0]["warnings"][0]


def test_a_dry_run_by_hand(no_token):
    result = no_token("provision", "--dry-run", "--json", stdin=f"Bank\nme\n{SECRET}\n", port=False)
    assert result.json[0]["key_check_value"] == ADDED["key_check_value"]


@pytest.mark.parametrize(
    "arguments",
    [
        (str(SEVERAL), "--all", "--issuer", "X"),
        (str(EXAMPLE), "--digits", "8"),
        (str(EXAMPLE), "--type", "hotp"),
        ("--type", "motp"),
        ("--digits", "six"),
        (str(EXAMPLE), "--bogus"),
    ],
)
def test_a_wrong_command_line(no_token, arguments):
    result = no_token("provision", *arguments, port=False)
    assert (result.code, result.out) == (2, "")
    assert "Error: " in result.err
