"""`tokenctl status` has words for every state that a token's vault can be in."""

import pytest

from tokenctl.cli.commands import device
from tokenctl.device.models import Status


@pytest.mark.parametrize(
    "state", ["newer", "older", "foreign", "no_entropy", "no_chip_key", "locked"]
)
def test_a_vault_without_accounts_to_count(state):
    status = Status(None, 1000, 0, True, 0, "ok", vault=state)
    lines = [f"{name} {text}" for name, text in device._vault(status)]
    assert lines and not any("None" in line for line in lines)
