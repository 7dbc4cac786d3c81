"""What a computer gets from a token whose firmware fails at every start."""

import pytest
from e2e.commandline import HOLD, NO, CommandLine
from e2e.conftest import presser
from e2e.failing import ALICE, blank, commandline, copied, failed, firmware, make, one_failed

from otpcore import errors
from otpcore.version import VERSION
from tokenctl.device.token import Token

__all__ = ["commandline", "copied", "failed", "firmware", "make", "one_failed"]


def test_the_link_says_who_it_is_and_refuses_all_that_it_cannot(failed):
    sim = failed
    with Token(sim.transport(), presser(sim)) as token:
        assert (token.identity.firmware, token.identity.protocol) == (VERSION, 1)
        assert token.identity.serial == sim.board.serial.hex().upper()
        for refused in (
            token.accounts,
            token.sync,
            token.change_pin,
            token.lock,
            token.read_clock,
            lambda: token.add(ALICE),
            lambda: token.code(1),
        ):
            with pytest.raises(errors.Fault, match="tokenctl status"):
                refused()


def test_status_says_what_is_wrong_and_what_can_be_done(commandline):
    result = commandline("status")
    assert (result.code, result.err) == (0, "")
    lines = dict(line.split(None, 1) for line in result.out.splitlines())
    assert list(lines) == ["Token", "Fault", "Vault"]
    assert VERSION in lines["Token"]
    assert "at every start: ValueError at tokenfw/" in lines["Fault"]
    for way in ("tokenctl flash", "long press", "tokenctl wipe"):
        assert way in lines["Vault"]


def test_status_as_json_has_the_same_keys_as_ever(commandline):
    fields = commandline("status", "--json").json
    assert fields["fault"].startswith("ValueError 0:")
    assert (fields["fault_count"], fields["vault"], fields["account_count"]) == (3, "closed", None)


def test_every_other_command_is_refused_in_one_sentence(commandline, tmp_path):
    source = tmp_path / "uris.txt"
    source.write_text("otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP")
    for arguments in (
        ("list",),
        ("sync",),
        ("code", "Example"),
        ("remove", "Example"),
        ("provision", str(source)),
        ("pin", "set"),
        ("status", "--clock-log"),
    ):
        commandline(*arguments).refused(19, "firmware keeps failing", "tokenctl status")
        assert not commandline.asked


def test_wipe_says_that_it_is_empty(firmware, make, monkeypatch, capfd):
    firmware.put("fails")
    commandline = CommandLine(make(), monkeypatch, capfd)
    refused = commandline("wipe", answer=NO)
    assert refused.code == 7
    result = commandline("wipe", answer=HOLD)
    assert result.code == 0 and "is empty" in result.err
    assert blank(commandline.token)


def test_without_the_board_s_definition_it_answers(firmware, make):
    (firmware.folder / "board.json").unlink()
    sim = make()
    assert sim.chip.resets == 0
    with Token(sim.transport()) as token:
        assert token.status().fault == "no_board"
        with pytest.raises(errors.Fault, match="damaged"):
            token.wipe()
