"""The offer of a PIN after the first accounts: without one nothing is undone."""

from typing import cast

import pytest

from otpcore.errors import Refused, WireError
from tokenctl.cli.commands import pin
from tokenctl.cli.output import Output
from tokenctl.device.token import Token
from tokenctl.errors import LinkError, TokenctlError


class Unwilling:
    """A token at which the PIN is not set."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def change_pin(self) -> None:
        """Fail as the token or the link does."""
        raise self._error


@pytest.mark.parametrize(
    "error", [Refused("the request was refused at the token"), LinkError("the token stopped")]
)
def test_a_pin_that_is_not_set_is_said_and_no_error(
    error: WireError | TokenctlError,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(pin, "_says_yes", lambda question: True)
    pin.offer_pin(cast("Token", Unwilling(error)), Output(as_json=False), asking=True)
    said = " ".join(capsys.readouterr().err.split())
    assert str(error)[1:] + ". You can set a PIN at any time with: tokenctl pin set" in said
    assert "The PIN is set" not in said
