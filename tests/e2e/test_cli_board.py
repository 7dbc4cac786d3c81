"""tokenctl board, and the same rules where a definition is used: flash and tokensim run."""

import json

import click
import pytest
from e2e.commandline import CommandLine

from tokenctl.cli import main
from tokenctl.device.token import Token
from tokenctl.payload import definitions_folder, firmware_folder
from tokensim import cli as tokensim
from tokensim.board.board import Parts
from tokensim.board.wiring import read
from tokensim.token import SimulatedToken

GOOD = json.loads((firmware_folder() / "board.json").read_text())


@pytest.fixture
def run(capfd):
    """Run tokenctl; gives exit code, standard output, standard error."""

    def command(*arguments):
        code = main.run([str(each) for each in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return command


def file(tmp_path, **changes):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(GOOD | changes))
    return path


def test_a_good_definition_is_said_to_be_one(run, tmp_path):
    code, out, err = run("board", "check", file(tmp_path))
    assert (code, err) == (0, "")
    assert "esp32-devkit" in out and "ext0" in out and "1.24" in out


def test_all_findings_are_listed_and_the_first_is_the_error(run, tmp_path):
    path = file(tmp_path, button={"pin": 0}, second_button={"pin": 34}, full_speed=80000000)
    code, out, err = run("board", "check", path)
    assert code == 12
    assert "Rejected  button.pin, GPIO 0 (auto-reset pin)" in out
    assert "Rejected  second_button.pin, GPIO 34 (pin without pull-up)" in out
    assert err.startswith("Error: The board definition") and err.count("\n") == 1
    assert "button.pin, GPIO 0 (auto-reset pin)" in err


def test_findings_as_json(run, tmp_path):
    code, out, _ = run("board", "check", "--json", file(tmp_path, button={"pin": 23}))
    assert code == 0
    answer = json.loads(out)
    assert (answer["chip"], answer["sleep"], answer["wake"]) == ("esp32", False, None)
    (finding,) = answer["findings"]
    assert (finding["key"], finding["pin"], finding["refused"]) == ("button.pin", 23, False)


def test_definitions_that_come_along_have_names(run):
    code, out, _ = run("board", "list", "--json")
    names = [each["name"] for each in json.loads(out)]
    assert code == 0 and names == sorted(path.stem for path in definitions_folder().glob("*.json"))
    for name in names:
        assert run("board", "check", name)[0] == 0


@pytest.mark.parametrize("text", ["", "[]", '{"name": "x"}'])
def test_what_is_no_definition_is_refused(run, tmp_path, text):
    path = tmp_path / "mine.json"
    path.write_text(text)
    code, out, err = run("board", "check", path)
    assert (code, out) == (12, "") and err.startswith("Error: The board definition")


def test_a_name_that_is_none_is_a_wrong_command_line(run):
    code, _, err = run("board", "check", "nothing")
    assert code == 2 and "nothing" in err and err.count("\n") == 1


def test_flash_refuses_it_before_it_looks_for_a_board(run, tmp_path):
    wiring = file(tmp_path, button={"pin": 0})
    for name in ("/dev/none", "socket://127.0.0.1:1"):
        code, out, err = run("flash", "--port", name, "--board", wiring)
        assert (code, out) == (12, "")
        assert "button.pin, GPIO 0 (auto-reset pin)" in err and err.count("\n") == 1
    # One that can be used is looked for a board with.
    assert run("flash", "--port", "/dev/none", "--board", file(tmp_path))[0] == 4


def test_flash_says_what_a_wiring_costs(run, tmp_path):
    wiring = file(tmp_path, button={"pin": 0}, presence_on_boot_button=True)
    code, _, err = run("flash", "--port", "/dev/none", "--board", wiring)
    assert code == 4
    assert "Warning: button.pin, GPIO 0 (auto-reset pin): a computer" in " ".join(err.split())


def test_tokensim_refuses_it_too(tmp_path, capfd):
    state = tmp_path / "state"
    path = file(tmp_path, i2c=GOOD["i2c"] | {"sda": 34})
    with pytest.raises(SystemExit) as ended:
        tokensim.main(["run", "--state", str(state), "--board", str(path)])
    err = click.unstyle(capfd.readouterr().err)
    assert ended.value.code == 1 and "i2c.sda, GPIO 34 (input-only pin)" in err
    assert not state.exists()


@pytest.mark.parametrize("name", ["minimal-esp32", "pocket-xiao-esp32s3"])
def test_a_build_starts_as_its_assembly_guide_says(name):
    with SimulatedToken(parts=Parts(definition=read(definitions_folder() / f"{name}.json"))) as sim:
        with Token(sim.transport(), lambda notice: sim.press()) as token:
            assert token.identity.board == name
            assert token.status().unix_time is None
        sim.press()
        sim.wait(0.5)
        assert "█" in sim.screen()


def test_status_says_what_a_boot_button_means(monkeypatch, capfd):
    definition = read(definitions_folder() / "minimal-esp32.json")
    with SimulatedToken(parts=Parts(definition=definition)) as token:
        commandline = CommandLine(token, monkeypatch, capfd)
        lines = dict(line.split(None, 1) for line in commandline("status").out.splitlines())
        assert "a hostile computer can press it" in lines["Button"]
        assert commandline("status", "--json").json["boot_button"] is True
