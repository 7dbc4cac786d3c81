"""tokenctl status and sync, and what is the same for every command: options, help, streams."""

import json

import pytest
from e2e.commandline import INTERRUPT, NO, CommandLine, unchanged
from e2e.processes import run

from otpcore.account import Account
from otpcore.version import VERSION
from tokenctl.cli import main

ONE = Account("Example", "alice", b"x" * 20)
COMMANDS = ("provision", "list", "code", "rename", "move", "remove", "sync", "status", "wipe")


def serial_number(commandline: CommandLine) -> str:
    return commandline("status", "--json").json["serial"]


# --- status and sync --------------------------------------------------------------


def test_status_for_people(commandline):
    commandline.put(ONE)
    result = commandline("status")
    assert (result.code, result.err) == (0, "")
    lines = dict(line.split(None, 1) for line in result.out.splitlines())
    assert list(lines) == ["Token", "Accounts", "Backup", "Clock", "Protection", "Advice"]
    assert VERSION in lines["Token"] and serial_number(commandline) in lines["Token"]
    assert lines["Accounts"] == "1 of 1000"
    assert "no codes" in lines["Clock"] and "tokenctl sync" in lines["Clock"]
    assert lines["Protection"].startswith("none")
    assert "ten digits" in lines["Advice"]  # an ESP32 has no key to bind a PIN to


def test_status_as_json_has_stable_keys(commandline):
    commandline("sync")
    fields = commandline("status", "--json").json
    now = commandline.token.time.now() // 10**9
    assert list(fields) == [
        "serial", "board", "firmware", "protocol",
        "account_count", "capacity", "damaged_count", "has_pin", "unix_time", "clock",
        "vault", "changed", "pin_length", "pin_iterations", "pin_attempts_left", "lock_after_s",
        "strong_key", "clock_chip", "clock_set_at", "drift_ppb", "drift_uncertainty_ppb",
        "drift_measured", "drift_correction_ppb", "codes_valid_until",
        "battery", "fault", "fault_count", "bound", "pin_chain", "partial", "restoring",
        "development", "boot_button", "backup",
        "offset_ms", "offset_uncertainty_ms", "clock_verdict", "computer_synchronised",
    ]  # fmt: skip
    assert (fields["protocol"], fields["firmware"], fields["clock"]) == (1, VERSION, "ok")
    assert (fields["account_count"], fields["capacity"], fields["has_pin"]) == (0, 1000, False)
    assert abs(fields["unix_time"] - now) <= 1


def test_sync_sets_a_clock_that_had_no_time(commandline):
    result = commandline("sync")
    assert result.code == 0 and commandline.asked == ["press"]
    assert result.out.startswith("Clock set: 2026-") and result.out.endswith(" UTC\n")
    assert "did not know the time" in result.err
    second = commandline("sync")
    assert second.code == 0 and not commandline.asked
    assert " ms " in second.err


@pytest.mark.parametrize(
    ("shift", "words", "asks"), [(5, "5.0 s fast", []), (-60, "60.0 s slow", ["press"])]
)
def test_sync_asks_where_the_clock_moves_far(commandline, shift, words, asks):
    commandline("sync")
    commandline.token.shift_clock(shift)
    commandline.token.wait(3)
    result = commandline("sync")
    assert result.code == 0 and words in result.err
    assert commandline.asked == asks
    commandline.token.shift_clock(shift)
    fields = commandline("sync", "--json").json
    assert list(fields) == [
        "unix_time", "offset_ms", "error_ms", "uncertainty_ms", "computer_synchronised",
        "drift_ppm", "drift_uncertainty_ppm", "drift_correction_ppm", "codes_valid_until",
    ]  # fmt: skip
    assert round(fields["offset_ms"] / 1000) == shift
    assert abs(fields["unix_time"] - commandline.token.time.now() / 1e9) < 1.5


@pytest.mark.parametrize(
    "tenth", [1, 5, 9, *(pytest.param(each, marks=pytest.mark.long) for each in (2, 3, 4, 6, 7, 8))]
)
def test_a_clock_that_is_right_is_so_at_any_part_of_a_second(commandline, tenth):
    commandline("sync")
    commandline.token.wait(10 + tenth / 10)
    fields = commandline("sync", "--json").json
    assert abs(fields["offset_ms"]) < 5


def test_a_refused_sync_changes_nothing(commandline):
    commandline("sync", answer=NO).refused(7, "refused at the token")
    assert commandline("status", "--json").json["unix_time"] is None


# --- global options, help, streams ------------------------------------------------


def test_global_options_before_and_after_the_command(commandline):
    number = serial_number(commandline)
    for options in (["--json", "--serial", number], ["--serial", number.lower(), "--json"]):
        for arguments in ([*options, "list"], ["list", *options]):
            assert commandline("--port", "x", *arguments, port=False).json == []
            assert commandline(*arguments, "--port", "x", port=False).json == []


def test_global_options_before_between_and_after_a_group_and_its_command():
    for arguments in (
        ["--language", "nl", "pin", "set", "--help"],
        ["pin", "--language", "nl", "set", "--help"],
        ["pin", "set", "--language", "nl", "--help"],
    ):
        code, out, err = run("tokenctl", *arguments)
        assert (code, err) == (0, "") and "Gebruik: tokenctl pin set" in out
    assert json.loads(run("tokenctl", "board", "--json", "list")[1])


def test_the_nearer_option_wins_and_both_win_over_the_environment(commandline, monkeypatch):
    opened = []
    monkeypatch.setattr(
        "tokenctl.device.token.SerialTransport",
        lambda port: opened.append(port) or commandline.token.transport(),
    )
    commandline("--port", "front", "list", port=False)
    commandline("--port", "front", "list", "--port", "behind", port=False)
    monkeypatch.setenv("TOKENCTL_PORT", "environment")
    commandline("list", port=False)
    commandline("--port", "front", "list", port=False)
    commandline("list", "--port", "behind", port=False)
    assert opened == ["front", "behind", "environment", "front", "behind"]


def test_another_serial_number_than_the_port_has(commandline):
    number = serial_number(commandline)
    result = unchanged(commandline, lambda: commandline("wipe", "--serial", "0123456789AB"))
    result.refused(4, "simulated", number)
    assert not commandline.asked


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(commandline, command):
    result = commandline(command, "--help", port=False)
    assert (result.code, result.err) == (0, "")
    for option in ("--port", "--serial", "--json", "TOKENCTL_PORT"):
        assert option in result.out
    shown = commandline("-h", port=False)
    overview = shown.out
    assert (shown.code, shown.err) == (0, "")
    (line,) = [each for each in overview.splitlines() if each.split()[:1] == [command]]
    assert line.endswith(".") and not line.endswith("..."), "cut off in the overview"


def test_version_and_no_command(commandline):
    assert commandline("--version", port=False).out == f"tokenctl, version {VERSION}\n"
    result = commandline(port=False)
    assert (result.code, result.out) == (2, "") and "Usage:" in result.err


@pytest.mark.parametrize(
    ("arguments", "words", "help"),
    [
        (["lst"], "No such command 'lst'", "tokenctl"),
        (["--bogus"], "No such option '--bogus'", "tokenctl"),
        (["rename", "A"], "Give the new name with --issuer or --account.", "tokenctl rename"),
        (["move", "A", "0"], "POSITION", "tokenctl move"),
        (["code"], "Missing argument 'NAME'.", "tokenctl code"),
        (["provision", "--digits", "8", "x.png"], "entered by hand", "tokenctl provision"),
        (["provision", "--algorithm", "MD5"], "'MD5'", "tokenctl provision"),
    ],
)
def test_a_wrong_command_line_is_one_line_that_names_the_help(commandline, arguments, words, help):
    result = commandline(*arguments, port=False)
    assert (result.code, result.out) == (2, "")
    (line,) = result.err.splitlines()
    assert line.startswith("Error: ") and words in line and line.endswith(f" See {help} --help.")


def test_ctrl_c_takes_the_question_off_the_token(commandline):
    for command in (("remove", "Example"), ("wipe",), ("sync",)):
        if not commandline.stored():
            commandline.put(ONE)
        result = unchanged(commandline, lambda c=command: commandline(*c, answer=INTERRUPT))
        assert (result.code, result.out) == (130, "")
        assert result.err.strip().endswith("Interrupted. Nothing was changed.")
    # Nothing waits for the button any more: a press now says yes to nothing.
    commandline.token.press()
    commandline.token.wait(1)
    assert len(commandline.stored()) == 1


def test_a_fault_of_ours_is_its_class_and_place(commandline, monkeypatch):
    def fault(*arguments: object, **more: object) -> None:
        raise RuntimeError("what nobody may see")

    monkeypatch.setattr("tokenctl.device.token.Token.accounts", fault)
    result = commandline("list")
    assert (result.code, result.out) == (1, "")
    assert "RuntimeError at " in result.err and "test_cli_device.py:" in result.err
    assert "nobody" not in result.err and "Traceback" not in result.err
    assert main.run(["--version"]) == 0


def test_a_place_that_is_not_in_the_map_is_named(commandline, tmp_path):
    path = tmp_path / "some.map"
    units = {"0": [[1, "otpcore/account.py", 7]]}
    path.write_text(json.dumps({"firmware": "9.8.7", "names": {}, "units": units}))
    known = commandline("fault", "--map", str(path), "ValueError 0:88")
    assert (known.code, known.out, known.err) == (0, "ValueError otpcore/account.py:7\n", "")
    other = commandline("fault", "--map", str(path), "ValueError 41:88")
    assert (other.code, other.out) == (0, "ValueError 41:88\n")
    assert "41:88" in other.err and "9.8.7" in other.err and "--map" in other.err
    part = commandline("fault", "ValueError")
    assert (part.code, part.out) == (0, "ValueError\n") and "0:88" in part.err
    for whole in ("hung", "crashed"):  # all that the screen shows
        said = commandline("fault", whole)
        assert (said.code, said.out, said.err) == (0, f"{whole}\n", "")
