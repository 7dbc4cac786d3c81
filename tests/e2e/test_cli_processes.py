"""The installed commands in real time: what only processes, ports and terminals show."""

import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.processes import (
    BIN,
    Running,
    Terminal,
    asked,
    finish,
    process_list,
    run,
    running,
    start,
)
from PIL import Image

from tokensim.control import ControlError, send

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
EXAMPLE, SEVERAL = str(PICTURES / "example-totp.png"), str(PICTURES / "several.png")
SECRET = "KNSUG4SFOQVE432CN5CHSKSTMVCXGKSU"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a socket's is limited."""
    path = Path(tempfile.mkdtemp(prefix="sim-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def token() -> Iterator[Running]:
    path = Path(tempfile.mkdtemp(prefix="sim-"))
    with running(path, "--link", f"{path}/port") as token:
        yield token
    shutil.rmtree(path)


def with_a_press(token: Running, *arguments: str) -> tuple[int, str, str]:
    process = start("tokenctl", "--port", token.port, *arguments)
    asked(process)
    token.press()
    return finish(process)


def issuers(port: str) -> list[str]:
    code, out, _ = run("tokenctl", "list", "--json", TOKENCTL_PORT=port)
    assert code == 0
    return [each["issuer"] for each in json.loads(out)]


# --- a token that outlives its process ----------------------------------------------


def test_a_restart_keeps_accounts_clock_and_serial_number(folder):
    link = folder / "port"
    options = ("--link", str(link))
    with running(folder, *options) as token:
        assert token.port == str(link) and link.is_symlink()
        code, out, _ = with_a_press(token, "provision", EXAMPLE, "--json")
        assert code == 0 and json.loads(out)[0]["issuer"] == "Example Bank"
        assert with_a_press(token, "sync")[0] == 0
        before = json.loads(run("tokenctl", "--port", token.port, "--json", "status")[1])
        second = run("tokensim", "run", "--state", str(folder), *options)
        assert second[:2] == (1, "")
        assert second[2] == f"Error: A token is already running in {folder}.\n"
        assert issuers(token.port) == ["Example Bank"], "the second one broke the first one's link"
        token.process.kill()  # no time to tidy up
        token.process.wait()
    with running(folder, *options) as token:
        after = json.loads(run("tokenctl", "--port", token.port, "--json", "status")[1])
        assert 0 <= after.pop("unix_time") - before.pop("unix_time") < 20
        for name in ("offset_ms", "offset_uncertainty_ms"):  # measured each time
            assert abs(after.pop(name) - before.pop(name)) < 2000
        assert after == before
    assert not link.is_symlink()


def test_a_tcp_port(folder):
    with running(folder, "--tcp", "0") as token:
        assert re.fullmatch(r"socket://127\.0\.0\.1:\d+", token.port)
        assert issuers(token.port) == []
        number = token.port.rpartition(":")[2]
        result = run("tokensim", "run", "--state", str(folder / "b"), "--tcp", number)
        assert result == (1, "", "Error: The port cannot be created: address already in use.\n")


# --- Ctrl-C -------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_takes_the_question_off_the_token(token, number, code):
    before, dark = issuers(token.port), token.screen()
    process = start("tokenctl", "--port", token.port, "provision", "--replace", EXAMPLE)
    asked(process)
    assert token.screen() != dark
    process.send_signal(number)
    result = finish(process)
    assert result[:2] == (code, "")
    assert result[2].strip() == ("Interrupted. Nothing was changed." if code == 130 else "")
    token.press()  # says yes to nothing
    assert issuers(token.port) == before


def test_who_reads_no_further_gets_no_traceback(token):
    for options in ((), ("--json",)):
        process = start("tokenctl", "--port", token.port, "status", *options)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        process.stderr.close()
        assert process.wait() == 1


# --- at a terminal ------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_one_sentence():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [BIN / "tokenctl", "provision", "--dry-run", EXAMPLE],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Error: The output cannot be written: no space left on device."
    ]


def test_what_holds_secrets_is_for_its_owner_alone(token):
    assert (token.state / "flash.bin").stat().st_mode & 0o077 == 0


def test_by_hand_with_dots(token):
    time.sleep(4)  # who pressed for the test before would have to say first that it was seen
    arguments = ("--port", token.port, "provision", "--json", "--digits", "8")
    with Terminal(*arguments, terminal="xterm") as terminal:
        for prompt, answer in (("Issuer", "Bank"), ("Account", "me"), ("Secret", SECRET + "1")):
            terminal.until(prompt)
            terminal.type(answer + "\n")
        terminal.until("character 33")
        terminal.until("Secret")
        terminal.type(SECRET)
        terminal.until("\u2022" * len(SECRET))
        assert not any(SECRET in arguments for arguments in process_list())
        terminal.type("\n")
        terminal.until("Enter adds it")
        terminal.type("\n")
        yes_at(terminal, token)
        code, out = terminal.finish()
    assert code == 0
    (added,) = json.loads(out)
    assert (added["issuer"], added["name"], added["digits"]) == ("Bank", "me", 8)
    assert SECRET[:8] not in terminal.shown


def test_standard_input_at_a_terminal_says_what_it_waits_for():
    with Terminal("provision", "--dry-run", "-") as terminal:
        terminal.until("end with Ctrl-D.")
        terminal.type(f"otpauth://totp/Bank:me?secret={SECRET}\n\x04")
        code, out = terminal.finish()
    assert code == 0 and "Bank" in out


def yes_at(terminal: Terminal, token: Running) -> None:
    terminal.until("Look at the token")
    time.sleep(0.5)  # a loaded machine may see the press before the question's second is over
    token.press()


def test_the_first_accounts_at_a_terminal_bring_the_offer_of_a_pin(tmp_path):
    with (
        running(tmp_path, "--link", str(tmp_path / "port")) as token,
        Terminal("--port", token.port, "provision", EXAMPLE) as terminal,
    ):
        terminal.until("Enter adds it")
        terminal.type("\n")
        yes_at(terminal, token)
        terminal.until("Set its clock from this computer's now? [Y/n]")
        terminal.type("n\n")
        terminal.until("The site now asks for a code: run tokenctl sync")
        terminal.until("[y/N")
        terminal.type("n\n")
        terminal.until("tokenctl pin set")
        terminal.until("Delete ")
        terminal.type("\n")
        assert terminal.finish()[0] == 0
    assert Path(EXAMPLE).exists()


def test_ctrl_c_at_the_prompt_for_the_secret(token):
    before = issuers(token.port)
    arguments = ("--port", token.port, "provision", "--issuer", "Bank")
    with Terminal(*arguments, terminal="xterm") as terminal:
        terminal.until("Account")
        terminal.type("me\n")
        terminal.until("Secret")
        terminal.type(SECRET[:9] + "\x03")
        terminal.until("Interrupted.")
        assert terminal.finish() == (130, "")
    assert issuers(token.port) == before


def test_a_terminal_is_asked_which_of_several(token):
    with Terminal("--port", token.port, "provision", "--json", "--replace", SEVERAL) as terminal:
        for answer in ("4", "one", "e 9", "3, 1"):
            terminal.until("q quits: ")
            terminal.type(answer + "\n")
        yes_at(terminal, token)
        code, out = terminal.finish()
    assert code == 0
    assert [each["issuer"] for each in json.loads(out)] == ["Example Door", "Example Bank"]
    for words in (r"1 +Example Bank +alice@example.com", r"2 +Example VPN +alice +totp +SHA256",
                  r"3 +Example Door +alice +hotp +SHA1 +6 +counter 7"):  # fmt: skip
        assert re.search(words, terminal.shown), terminal.shown


def test_the_bar_comes_after_the_question(token):
    arguments = ("--port", token.port, "provision", "--all", "--replace", SEVERAL)
    with Terminal(*arguments, terminal="xterm") as terminal:
        yes_at(terminal, token)
        terminal.until("[Y/n]")
        terminal.type("n\n")
        terminal.until("Delete ")
        terminal.type("\n")
        assert terminal.finish()[0] == 0
    question, bar = (terminal.shown.index(each) for each in ("Look at the token", "Writing"))
    assert question < bar


@pytest.mark.parametrize("end", ["Ctrl-D", "Ctrl-C", "q"])
def test_nobody_says_which_of_several(token, end):
    """To end it is no fault."""
    before = issuers(token.port)
    with Terminal("--port", token.port, "provision", SEVERAL) as terminal:
        terminal.until("q quits: ")
        if end == "Ctrl-C":
            terminal.interrupt()
        else:
            terminal.type("\x04" if end == "Ctrl-D" else "q\n")
        assert terminal.finish() == (130, "")
    assert issuers(token.port) == before
    assert "Nothing was changed." in terminal.shown and "Error" not in terminal.shown


# --- tokensim's other commands --------------------------------------------------------


def test_button_screen_and_picture(token, tmp_path):
    state = ("--state", str(token.state))
    time.sleep(0.1)
    assert run("tokensim", "press", *state)[0] == 0
    code, out, _ = run("tokensim", "screen", *state)
    lines = out.rstrip("\n").splitlines()
    assert code == 0 and len(lines) == 34 and {len(line) for line in lines} == {130}
    assert "\u2588" in out
    png = tmp_path / "screen.png"
    assert run("tokensim", "screen", *state, "--png", str(png)) == (0, "", "")
    with Image.open(png) as picture:
        assert picture.width > 4 * 128 and len(set(picture.convert("L").tobytes())) > 2
    assert run("tokensim", "screen", *state, "--png", str(png), "--scale", "1") == (0, "", "")
    with Image.open(png) as picture:
        assert (picture.size, picture.mode) == ((128, 64), "1")
    code, _, err = run("tokensim", "screen", *state, "--png", str(tmp_path / "none" / "x.png"))
    assert code == 1 and "x.png cannot be written: no such file or directory." in err
    process = start("tokenctl", "--port", token.port, "provision", "--replace", EXAMPLE)
    asked(process)
    assert run("tokensim", "hold", *state, "--seconds", "1.2")[0] == 0
    assert finish(process)[0] == 7


def test_clock(token):
    state = ("--state", str(token.state))

    def ahead(*options: str) -> float:
        code, out, _ = run("tokensim", "clock", *state, *options)
        assert code == 0
        found = re.search(r", ([+-][\d.]+) s from this computer", out)
        assert found is not None
        return float(found[1])

    before = ahead()
    assert ahead("--shift", "20") == pytest.approx(before + 20, abs=0.5)
    assert "crystal +3.5 ppm" in run("tokensim", "clock", *state, "--drift", "3.5")[1]
    assert run("tokensim", "clock", *state, "--shift", "1e12")[0] == 2
    assert ahead("--shift", "-20") == pytest.approx(before, abs=0.5)


def test_power(token):
    state, before = ("--state", str(token.state)), issuers(token.port)
    assert run("tokensim", "power", *state, "off") == (0, "", "")
    code, _, err = run("tokensim", "press", *state)
    assert code == 1 and err.startswith("Error: The token is off") and "power on" in err
    assert run("tokensim", "power", *state, "on")[0] == 0
    assert run("tokensim", "power", *state, "cut", "--after", "1", "--torn")[0] == 0
    process = start("tokenctl", "--port", token.port, "provision", "--replace", EXAMPLE)
    asked(process)
    token.press()
    with pytest.raises(ControlError, match="the token is off"):
        for _ in range(20):
            token.press()
    process.send_signal(signal.SIGINT)
    finish(process)
    assert run("tokensim", "power", *state, "on")[0] == 0
    assert issuers(token.port) == before


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["press", "--state", "/nowhere"], 1, "No token is running in /nowhere"),
        (["screen", "--state", "/nowhere"], 1, "tokensim run --state /nowhere"),
        (["press"], 2, "--state"),
        (["run", "--state", __file__], 2, "is a file"),
        (["run", "--state", "/proc/none"], 1, "No such file"),
        (["run", "--state", "/nowhere", "--link", __file__], 2, "not a link"),
        (["run", "--state", "/nowhere", "--link", "p", "--tcp", "1"], 2, "cannot be combined"),
        (["run", "--state", "/nowhere", "--tcp", "1", "--rfc2217", "2"], 2, "cannot be combined"),
        (["run", "--state", "/nowhere", "--development", "--rfc2217", "2"], 2, "no loader"),
        (["run", "--state", "/nowhere", "--panel", "st7920"], 2, "sh1106"),
        (["run", "--state", "/nowhere", "--board", "/nowhere/b.json"], 2, "no file"),
        (["run", "--state", "/nowhere", "--board", __file__], 1, "not JSON"),
        (["screen", "--state", "/nowhere", "--scale", "4"], 2, "--png"),
        (["screen", "--state", "/nowhere", "--png", "x", "--scale", "0"], 2, "--scale"),
        (["power", "--state", "/nowhere", "on", "--torn"], 2, "--torn"),
        (["power", "--state", "/nowhere", "cut", "--no-battery"], 2, "--no-battery"),
        (["power", "--state", "/nowhere", "cut", "--after", "0"], 2, "--after"),
        (["hold", "--state", "/nowhere", "--seconds", "-1"], 2, "--seconds"),
        (["bogus"], 2, "No such command"),
    ],
)
def test_tokensim_refuses(capfd, arguments, code, words):
    from tokensim import cli

    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    out, err = capfd.readouterr()
    assert (ended.value.code, out) == (code, "")
    assert words in err and err.count("Error: ") == 1


def test_a_damaged_state_is_one_sentence(folder):
    (folder / "board.json").write_text("{")
    code, out, err = run("tokensim", "run", "--state", str(folder))
    assert (code, out) == (1, "") and err.startswith("Error: ") and "damaged" in err
    assert err.count("\n") == 1


def test_the_help_of_every_command():
    overview = run("tokensim", "--help")[1]
    for command in ("run", "press", "hold", "screen", "clock", "power", "play"):
        (line,) = [each for each in overview.splitlines() if each.split()[:1] == [command]]
        assert line.endswith(".") and not line.endswith("...")


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
        int(each)
        for task in Path(f"/proc/{pid}/task").iterdir()
        if task.name != str(pid)
        for each in (task / "children").read_text().split()
    ]


def has_ended(pid: int) -> bool:
    """Tell whether a process is gone, or only waits for somebody to ask how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="as Linux lays it out")
@pytest.mark.parametrize("presses", range(6))
def test_a_simulator_that_is_killed_leaves_no_firmware_running(folder, presses):
    """It would look for an answer for ever, with all of a processor."""
    with running(folder) as token:
        (firmware,) = children(token.process.pid)
        for _ in range(presses):
            send(token.state, {"do": "press", "seconds": 0.05})
            time.sleep(0.1)
        token.process.kill()
        token.process.wait()
        end = time.monotonic() + 20
        while not has_ended(firmware) and time.monotonic() < end:
            time.sleep(0.05)
        assert has_ended(firmware)


def test_a_fault_that_the_board_cannot_have_is_refused_and_ends_nothing(token):
    state = ("--state", str(token.state))
    code, out, err = run("tokensim", "fault", *state, "low-battery")
    assert (code, out, err) == (1, "", "Error: This board measures no battery.\n")
    assert run("tokensim", "press", *state)[0] == 0


def test_what_a_board_does_not_sense_cannot_be_set(token):
    """The breadboard has neither: an order that changes nothing would be believed."""
    for option, words in ((("--battery", "3000"), "battery"), (("--no-usb",), "USB power")):
        code, out, err = run("tokensim", "supply", "--state", str(token.state), *option)
        assert (code, out) == (1, "") and words in err and "esp32-devkit" in err


def test_a_state_in_a_repository_is_nothing_that_git_picks_up(token):
    assert (token.state / ".gitignore").read_text() == "*\n"
