"""A development build: it works as a token does, says what it is, and Ctrl-C leads to the REPL."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from e2e.commandline import CommandLine
from e2e.processes import run, running
from support.deploying import changes
from support.deploying.standin import StandIn
from support.golden import golden
from support.kept_release import as_simulated

from otpcore.account import Account
from tokenctl.device.token import Token
from tokenctl.payload import firmware_folder
from tokenctl.release import translating
from tokenctl.release.sources import DEVELOPMENT_MAIN
from tokensim.port.repl import Repl
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

ALICE = Account("Example Bank", "alice@example.com", b"12345678901234567890")
NOTICE = golden("message", "message-development")
DEPLOY = Path(__file__).parents[2] / "tools" / "deploy.py"
CTRL_C, CTRL_D = b"\3", b"\4"


@pytest.fixture
def sim():
    with SimulatedToken(runtime=Runtime(main=DEVELOPMENT_MAIN)) as sim:
        yield sim


@pytest.fixture
def development(sim, monkeypatch, capfd):
    return CommandLine(sim, monkeypatch, capfd)


def picture(sim):
    """Return the screen in the form of the golden pictures, without the simulator's frame."""
    pixels = sim.board.panel.pixels()
    rows = [
        "".join(" ▀▄█"[bool(upper) + 2 * bool(lower)] for upper, lower in zip(*pair, strict=True))
        for pair in zip(pixels[::2], pixels[1::2], strict=True)
    ]
    return "".join(row.rstrip() + "\n" for row in rows)


def still(text):
    """Return the rows of a picture, wherever it lies: each time it lights up it has moved."""
    return [row.strip()[:100] for row in text.splitlines()]


def test_status_says_what_it_is_in_one_sentence(development):
    (line,) = [each for each in development("status").out.splitlines() if each.startswith("Build")]
    for words in ("development", "REPL is open", "can read everything", "not for real accounts"):
        assert words in line
    assert development("status", "--json").json["development"] is True


def test_a_release_build_is_none(commandline):
    assert "Build" not in commandline("status").out
    assert commandline("status", "--json").json["development"] is False


def test_it_does_what_a_token_does(development):
    development("sync")
    development.put(ALICE)
    assert [each.issuer for each in development.stored()] == ["Example Bank"]
    assert development("code", "Example").out.strip().isdigit()


def test_each_time_it_lights_up_the_screen_says_what_it_is_and_then_shows_the_code(development):
    sim = development.token
    development("sync")
    development.put(ALICE)
    sim.wait(60)  # dark again
    for _ in range(2):
        sim.press()
        sim.wait(1)
        assert still(picture(sim)) == still(NOTICE)
        sim.wait(3)
        shown = picture(sim)
        assert still(shown) != still(NOTICE) and "█" in shown
        sim.wait(60)
        assert not sim.board.panel.on


def test_a_press_dismisses_the_notice_and_stays_at_the_first_account(development):
    sim = development.token
    development("sync")
    development.put(ALICE, Account("Other", "bob", b"another secret, as long"))
    sim.wait(60)
    sim.press()
    sim.wait(4)
    first = picture(sim).splitlines(True)[:4]  # the issuer
    sim.wait(60)
    sim.press()
    sim.wait(1)
    assert still(picture(sim)) == still(NOTICE)
    sim.press()
    sim.wait(0.5)
    assert still("".join(picture(sim).splitlines(True)[:4])) == still("".join(first))


def test_ctrl_c_ends_it_without_a_reset_and_nothing_resets_it_later(sim):
    sim.receive(0.1)
    sim.send(CTRL_C)
    sim.wait(60)  # longer than any watchdog
    assert sim.chip.console.in_repl
    assert sim.chip.resets == 0
    output = sim.receive(0.1)
    assert b"KeyboardInterrupt" in output and output.endswith(b">>> ")
    sim.send(CTRL_D)
    sim.wait(3)
    with Token(sim.transport()) as token:
        assert token.identity.development
    assert not sim.chip.console.in_repl


def test_ctrl_c_is_nothing_to_a_release_build():
    with SimulatedToken() as sim:
        sim.receive(0.1)
        sim.send(CTRL_C * 5)
        sim.wait(20)
        assert sim.chip.resets == 0 and not sim.chip.console.in_repl
        assert sim.receive(0.1) == b""
        with Token(sim.transport()) as token:
            assert not token.identity.development


def test_a_fault_ends_in_the_repl_with_its_traceback(tmp_path):
    firmware = tmp_path / "firmware"
    shutil.copytree(firmware_folder(), firmware)
    line, function = changes.broken(firmware)
    known = translating.Map(translating.as_map(as_simulated(firmware, development=True), "1.2.3"))
    sim = SimulatedToken(runtime=Runtime(firmware, DEVELOPMENT_MAIN))
    try:
        for _ in range(5):  # it never becomes a fault screen
            sim.power_on()
            sim.wait(10)
            assert sim.chip.console.in_repl and sim.chip.resets == 0
            output = sim.receive(0.1)
            assert changes.FAULT.encode() in output
            assert output.count(b"\n") == output.count(b"\r\n") > 3, "as a terminal wants it"
            told = known.translate(output.decode())
            assert f'File "{changes.FILE}", line {line}, in {function}' in told
            sim.send(CTRL_D)
    finally:
        sim.close()


def test_tokensim_runs_one(tmp_path):
    with running(tmp_path / "state", "--development") as token:
        code, out, _ = run("tokenctl", "--port", token.port, "status")
        assert code == 0 and "REPL is open" in out


def test_mpremote_gets_in(tmp_path):
    folder = tmp_path / "board"
    for name, data in as_simulated(firmware_folder(), development=True).files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    with StandIn(folder, tmp_path) as board:
        code, out, err = run("mpremote", "connect", board.port, "exec", "print(6 * 7)")
        assert (code, out.strip()) == (0, "42"), (out, err)
        code, out, err = run("mpremote", "connect", board.port, "fs", "ls", ":")
        assert code == 0 and "app.bin" in out, (out, err)


# --- tokensim run --development, with somebody else's mpremote ------------------------


def test_mpremote_and_make_deploy_work_on_a_simulated_board(tmp_path, kept_builds):
    """As CONTRIBUTING says it; mpremote is the one from PyPI."""
    link, firmware = tmp_path / "port", tmp_path / "firmware"
    shutil.copytree(firmware_folder(), firmware)
    changes.another(firmware)
    with running(tmp_path / "state", "--link", str(link), "--development") as token:
        told = run("mpremote", "connect", token.port, "exec", "print(6 * 7)\nimport os")
        assert (told[0], told[1].strip()) == (0, "42"), told
        code, out, _ = run("mpremote", "connect", token.port, "exec", "print(os.listdir())")
        assert code == 1 and "NameError" in out + _, "a soft reset begins a new scope"
        code, out, _ = run("mpremote", "connect", token.port, "exec", "raise ValueError('odd')")
        assert code == 1 and "ValueError: odd" in out + _
        kept = ["--map", str(tmp_path / "development.map")]
        deploy = [*kept_builds, str(DEPLOY), "--firmware", str(firmware), *kept, token.port]
        done = subprocess.run([sys.executable, *deploy], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        copied = {line.split()[1].rstrip(",") for line in done.stdout.splitlines()[:-2]}
        assert copied == {"app.bin", "main.py"}
        assert f"runs firmware {changes.VERSION}" in done.stdout
        assert (
            f'"{changes.VERSION}"' in run("tokenctl", "--port", token.port, "--json", "status")[1]
        )


def test_lines_can_be_typed_at_the_prompt(tmp_path):
    """What runs for ever is ended with Ctrl-C, and what was typed behind it comes next."""
    board = Repl(tmp_path)
    said = b""

    def typed(data: bytes, until: bytes) -> bytes:
        nonlocal said
        assert not board.take(data)
        end = time.monotonic() + 100
        while until not in said and time.monotonic() < end:
            said += board.output()[0]
            time.sleep(0.001)
        before, said = said, b""
        return before

    board.begin()
    assert typed(b"x = 20\r", b"\r\n>>> x = 20\r\n>>> ").endswith(b">>> ")
    assert b"\r\n22\r\n>>> " in typed(b"x + 2\r", b"22\r\n>>> ")
    assert b"ZeroDivisionError" in typed(b"1 / 0\r", b">>> ")
    typed(b"import math; math.floor(6.5)\r", b"\r\n6\r\n>>> ")
    assert typed(b"None; 'a'\r", b"'a'\r\n>>> ").endswith(b"\r\n'a'\r\n>>> ")
    typed(b"exec(\"print('on')\\nwhile 1: pass\")\r", b"on\r\n")  # it runs: Ctrl-C is for it
    assert b"KeyboardInterrupt" in typed(b"\x03", b"\r\n>>> ")
    assert b"(x, 1)\r\n(20, 1)" in typed(b"(x, 1)\r", b"1)\r\n>>> ")
    assert board.take(b"\x04"), "the firmware is to start anew"
    board.end()
