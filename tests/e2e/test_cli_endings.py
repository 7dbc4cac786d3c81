"""How a command ends that does not succeed: for programs (--json), and for who ended it."""

import io
import json

import pytest
from e2e.commandline import INTERRUPT, NO, CommandLine, Result
from e2e.provision_command import EXAMPLE, URI

from tokenctl.clock.computer import ComputerClock
from tokenctl.exit_codes import EXIT_CODES


def of(result: Result) -> dict[str, object]:
    """Return the object that ends standard error."""
    assert result.out == ""
    return json.loads(result.err.splitlines()[-1])


def test_an_error_is_an_object_for_who_asked_for_json(commandline: CommandLine) -> None:
    for arguments, code, name, words in (
        (("list", "--nothing"), 2, "usage", "no such option"),
        (("provision", "none.png"), 3, "source", "none.png"),
        (("code", "nobody"), 6, "refused", "no account on the token matches 'nobody'"),
        (("code", "nobody", "--serial", "0123456789AB"), 4, "no_token", "serial number"),
    ):
        found = of(commandline("--json", *arguments))
        assert (found["exit_code"], found["name"]) == (code, name), arguments
        assert words in str(found["error"]).lower(), found
        assert commandline(*arguments).err.splitlines()[-1] == f"Error: {found['error']}"
    found = of(commandline("provision", "--json", str(EXAMPLE), answer=NO))
    assert (found["exit_code"], found["name"]) == (7, "not_confirmed")
    assert EXIT_CODES[7].name == "not_confirmed"


def test_ctrl_c_says_what_was_changed(commandline: CommandLine) -> None:
    ended = commandline("provision", str(EXAMPLE), answer=INTERRUPT)
    assert (ended.code, ended.err.splitlines()[-1]) == (130, "Interrupted. Nothing was changed.")
    found = of(commandline("remove", "--json", "Example Bank", answer=INTERRUPT))
    assert (found["exit_code"], found["name"]) == (6, "refused"), "it is not there"
    assert commandline("provision", str(EXAMPLE)).code == 0
    found = of(commandline("remove", "--json", "Example Bank", answer=INTERRUPT))
    assert found == {
        "error": "Interrupted. Nothing was changed.",
        "exit_code": 130,
        "name": "interrupted",
    }
    assert len(commandline.stored()) == 1


def test_ctrl_c_after_the_press_says_that_it_was_done(commandline: CommandLine) -> None:
    """The press and Ctrl-C come together: the token's own answer says which was first."""
    assert commandline("provision", str(EXAMPLE)).code == 0

    def pressed_and_interrupted(notice: str) -> None:
        commandline.token.press(0.1, 1.5)
        commandline.token.wait(3)
        raise KeyboardInterrupt

    ended = commandline("remove", "Example Bank", answer=pressed_and_interrupted)
    assert ended.code == 130 and commandline.stored() == []
    assert ended.err.splitlines()[-1] == "Interrupted. The token had already made the change."


def test_ctrl_c_after_the_press_for_a_code_says_so_since_a_counter_has_moved_on(
    commandline,
) -> None:
    hotp = f"{URI.replace('totp', 'hotp')}&counter=4\n"
    assert commandline("provision", "-", stdin=hotp).code == 0

    def interrupted(notice: str) -> None:
        if pressed:
            commandline.token.press(0.1, 1.5)
            commandline.token.wait(3)
        raise KeyboardInterrupt

    for pressed, said in ((False, "Nothing was changed."), (True, "already generated the code.")):
        ended = commandline("code", "Example Bank", answer=interrupted)
        assert ended.code == 130 and ended.out == "" and ended.err.strip().endswith(said), ended
        assert commandline.stored()[0].counter == 4 + pressed


def test_an_option_without_its_value_points_to_its_command_s_help(commandline) -> None:
    result = commandline("provision", "--issuer")
    assert result.code == 2 and result.err.strip().endswith("See tokenctl provision --help.")
    result = commandline("pin", "lock-after", "--serial")
    assert result.code == 2 and result.err.strip().endswith("See tokenctl pin lock-after --help.")


@pytest.fixture
def at_terminal(commandline: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setattr("tokenctl.cli.commands.provision.is_interactive", lambda: True)
    monkeypatch.setattr("tokenctl.cli.dialog.forget_keys", lambda: None)
    return commandline


def test_a_token_without_the_time_gets_it_before_the_site_wants_a_code(at_terminal, tmp_path):
    keys = "\n\n\nn\nn\n"  # add it, set the clock, no code, no PIN, keep the file
    source = tmp_path / "uri.txt"
    source.write_text(URI)
    result = at_terminal("provision", str(source), stdin=keys)
    assert result.code == 0, result
    order = [
        "verified by its key check value",
        "Set its clock from this computer's now? [Y/n]",
        "The clock is set: ",
        "The site now asks for a code. The token shows it",
    ]
    places = [result.err.index(each) for each in order]
    assert places == sorted(places) and "tokenctl sync" not in result.err
    assert json.loads(at_terminal("status", "--json").out)["unix_time"] is not None


def test_a_doubtful_computer_clock_is_known_before_the_answer(at_terminal, monkeypatch, tmp_path):
    monkeypatch.setattr("tokenctl.clock.computer.read", lambda: ComputerClock(False, 3600.0))
    source = tmp_path / "uri.txt"
    source.write_text(URI)
    result = at_terminal("provision", str(source), stdin="\n\n\nn\nn\n")
    assert result.code == 0, result
    doubt, question = result.err.index("not synchronised"), result.err.index("[Y/n]")
    assert doubt < question < result.err.index("The clock is set: ")
    assert "not synchronised" not in result.err[question:]


def test_a_list_of_which_only_some_were_chosen_is_named_as_kept(at_terminal, tmp_path):
    source = tmp_path / "uris.txt"
    source.write_text(f"{URI}\n{URI.replace('alice', 'bob')}\n")
    result = at_terminal("provision", str(source), stdin="1\nn\nn\nn\n")
    assert result.code == 0 and len(at_terminal.stored()) == 1, result
    said = " ".join(result.err.split())
    assert f"{source} was kept: " in said and "Delete" not in said


def test_ctrl_c_at_the_site_s_code_is_the_end(at_terminal, monkeypatch, tmp_path):
    assert at_terminal("sync").code == 0
    source = tmp_path / "uri.txt"
    source.write_text(URI)
    keys = io.StringIO("\n")

    def interrupted() -> str:
        if line := keys.readline():
            return line
        raise KeyboardInterrupt

    monkeypatch.setattr("tokenctl.cli.dialog._read_line", interrupted)
    result = at_terminal("provision", str(source))
    assert result.code == 130
    assert result.err.splitlines()[-1] == "Interrupted. The account is on the token."
    assert "PIN" not in result.err and "Delete" not in result.err
