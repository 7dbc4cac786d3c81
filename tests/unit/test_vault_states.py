"""`tokenctl status` has words for every state that a token's vault can be in."""

from dataclasses import replace

import pytest

from tokenctl.cli.checks import contents
from tokenctl.cli.checks.finding import FAIL
from tokenctl.cli.commands import device
from tokenctl.device.models import Status


@pytest.mark.parametrize(
    "state", ["newer", "older", "foreign", "no_entropy", "no_chip_key", "locked"]
)
def test_a_vault_without_accounts_to_count(state):
    status = Status(None, 1000, 0, True, 0, "ok", vault=state)
    lines = [f"{name} {text}" for name, text in device._vault(status)]
    assert lines and not any("None" in line for line in lines)


OPENED = Status(3, 1000, 0, False, 0, "ok", vault="ready")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (replace(OPENED, partial=True), ("no room for all", "kept")),
        (replace(OPENED, restoring=True), ("restore", "not finished")),
        (replace(OPENED, changed=True), ("records are missing",)),
    ],
)
def test_a_vault_that_opens_but_lacks_something(status, words):
    """Both commands say so: the accounts that there are look like all of them."""
    shown = " ".join(f"{name} {text}" for name, text in device._vault(status)).lower()
    found = contents.vault(status)
    assert found.state == FAIL and found.advice
    for text in (shown, found.text.lower()):
        assert all(word in text for word in words), text
