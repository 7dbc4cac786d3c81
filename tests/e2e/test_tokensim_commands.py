"""The installed tokensim: commands to a token that another process runs, and what it refuses."""

import re
import signal
import time
from pathlib import Path

import pytest
from e2e.live_token import folder, issuers, token
from e2e.processes import asked, finish, run, running, start, start_anew
from PIL import Image

from tokensim.control.orders import send
from tokensim.refusal import ControlError

__all__ = ["folder", "token"]

EXAMPLE = str(Path(__file__).parents[1] / "data" / "pictures" / "example-totp.png")


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
    token.acknowledge(lambda: asked(process))
    assert run("tokensim", "hold", *state, "--seconds", "1.8")[0] == 0
    code, _, err = finish(process)
    assert code == 7 and "Nobody" not in err


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
    token.answer(lambda: asked(process))
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
    overview = finish(start_anew("tokensim", "--help"))[1]
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
        end = time.monotonic() + 100
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
