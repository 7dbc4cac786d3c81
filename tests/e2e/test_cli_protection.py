"""What tokenctl says of how well a token is protected, with a PIN and without."""

import pytest
from e2e.pin_command import PIN, alice, set_pin, status

from tokenctl.cli import protection
from tokenctl.device.models import Status

__all__ = ["alice"]


def test_the_first_provisioning_says_that_there_is_no_pin_and_later_ones_do_not(commandline):
    first = commandline(
        "provision", "-", stdin="otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    )
    assert first.code == 0 and "tokenctl pin set" in first.err
    second = commandline(
        "provision", "-", stdin="otpauth://totp/b?secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
    )
    assert second.code == 0 and "PIN" not in second.err


def test_a_script_learns_that_a_token_without_a_pin_was_not_locked(alice):
    alice("lock").refused(6, "no PIN", "tokenctl pin set")
    assert alice("lock", "--json").code == 6
    assert status(alice)["vault"] == "ready"


def test_lock_and_status_say_how_well_it_is_protected(alice):
    assert "anyone holding the token can read the secrets" in alice("status").out
    set_pin(alice, PIN, PIN)
    assert "a 6-digit PIN; with a copy of the flash" in alice("status").out
    assert alice("lock").code == 0
    assert status(alice)["vault"] == "locked"


@pytest.mark.parametrize(
    ("digits", "iterations", "words"),
    [
        (4, 4000, "less than a second"),
        (6, 4500, "less than a second"),
        (8, 4500, "about 50 seconds"),
        (10, 4500, "about 1 hour"),
        (12, 4500, "about 5 days"),
        (16, 4500, "about 158 years"),
        (32, 20000, "longer than the age of the universe"),
    ],
)
def test_how_long_a_search_takes(digits, iterations, words):
    state = Status(0, 1000, 0, True, 0, "ok", "ready", pin_length=digits, pin_iterations=iterations)
    assert words in protection.protection(state)
