"""What tokenctl provision compares at the end: a token that has something else is a failure."""

from typing import Any

import pytest
from e2e.provision_command import EXAMPLE

from tokenctl.device.link import Link


def tamper(monkeypatch: pytest.MonkeyPatch, method: str, change: Any) -> None:
    """Have the token's answers to a method pass through `change` on their way."""
    request = Link.request

    def tampered(self: Link, name: str, *arguments: Any, **more: Any) -> Any:
        answer = request(self, name, *arguments, **more)
        return change(answer) if name == method else answer

    monkeypatch.setattr(Link, "request", tampered)


def test_another_key_check_value_is_a_failure(commandline, monkeypatch):
    tamper(monkeypatch, "accounts.add", lambda answer: answer | {"key_check_value": "00000000"})
    commandline("provision", str(EXAMPLE)).refused(8, "a different secret")


@pytest.mark.parametrize(
    ("field", "value"),
    [("key_check_value", "00000000"), ("digits", 8), ("period", 60), ("algorithm", "SHA256")],
)
def test_whatever_else_is_listed_is_a_failure(commandline, monkeypatch, field, value):
    def change(answer: dict[str, Any]) -> dict[str, Any]:
        rows = [
            [*names, value] if field == "key_check_value" else [*names, check, {field: value}]
            for *names, check in answer["rows"]
        ]
        return answer | {"rows": rows}

    tamper(monkeypatch, "accounts.list", change)
    result = commandline("provision", str(EXAMPLE))
    result.refused(8, field.replace("_", " ") + " differs", "'Example Bank:alice@example.com'")


def test_an_account_that_is_not_listed_is_a_failure(commandline, monkeypatch):
    tamper(monkeypatch, "accounts.list", lambda answer: {"accounts": [], "total": 0})
    commandline("provision", str(EXAMPLE)).refused(8, "does not list")
