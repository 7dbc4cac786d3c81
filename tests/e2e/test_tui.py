"""`tokensim run --tui` in a pseudo-terminal: what stands in the window, and what stays after it."""

import os
import pty
import shutil
import signal
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.processes import BIN, run
from e2e.window import Window, screen

from tokensim.commands.terminal import NoTerminal, Terminal
from tokensim.commands.tui import half_blocks
from tokensim.control.orders import send
from tokensim.view.picture import braille

LARGE, SMALL, NARROW, TINY = (130, 39), (80, 24), (60, 24), (40, 10)
LEFT = "\x1b[?25h\x1b[?1049l"  # the cursor is shown, the alternate screen is left
EMPTY, FULL = "\u2800", "\u28ff"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a socket's is limited."""
    path = Path(tempfile.mkdtemp(prefix="sim-"))
    yield path
    shutil.rmtree(path)


def window(folder: Path, size: tuple[int, int], *options: str) -> Window:
    command = [BIN / "tokensim", "run", "--state", folder, "--link", folder / "port", "--tui"]
    return Window([*command, *options], *size)


def is_framed(lines: list[str]) -> bool:
    return bool(lines) and lines[0].startswith("┌") and "q: quit" in "".join(lines[-3:])


def is_dark(lines: list[str]) -> bool:
    return is_framed(lines) and not has_light(lines)


def is_lit(lines: list[str]) -> bool:
    return is_framed(lines) and has_light(lines)


def has_light(lines: list[str]) -> bool:
    return any(set(line.strip("│")) - {" ", EMPTY} for line in lines if line.startswith("│"))


# --- what stands there ------------------------------------------------------------------


def test_the_screen_the_port_and_the_keys_are_shown(folder):
    with window(folder, LARGE) as there:
        there.until(is_dark)
        there.until(is_lit, " ")
        shown = there.until(lambda lines: lines[:34] == picture(folder))
        text = "\n".join(shown[34:])
        assert shown[34].strip().startswith("space: press")
        for words in (
            f"tokenctl --port {folder}/port status",
            "space",
            "p: power",
            "r: reset",
            "q: quit",
            "b: press 2nd",
        ):
            assert words in text
        there.type("q")
        assert there.finish() == 0


def test_a_flash_from_which_nothing_starts_is_said(folder):
    (folder / "flash-around.bin").write_bytes(b"\xff" * (4 << 20))
    with window(folder, SMALL) as there:
        there.until(lambda lines: "nothing that starts: tokenctl flash" in "\n".join(lines))
        there.type("q")
        assert there.finish() == 0


def test_a_press_while_the_firmware_starts_is_not_lost(folder):
    with window(folder, SMALL) as there:
        there.until(is_dark)
        there.type("r ")  # both at once, so that nothing can have started
        there.until(is_lit)
        there.type("q")
        assert there.finish() == 0


def picture(folder: Path) -> list[str]:
    return send(folder, {"do": "screen"}).splitlines()


def test_a_smaller_window_gets_braille_and_a_tiny_one_a_sentence(folder):
    with window(folder, TINY) as there:
        lines = there.until(lambda lines: "needs" in " ".join(lines))
        assert "40x10" in " ".join(lines) and max(map(len, lines)) <= TINY[0]
        there.resize(*SMALL)
        lines = there.until(is_dark)
        assert len(lines) < 24 and lines[0] == "┌" + 64 * "─" + "┐"
        there.until(is_lit, " ")
        there.resize(*NARROW)
        lines = there.until(lambda lines: is_lit(lines) and lines[0] == "┌" + 58 * "─" + "┐")
        assert max(map(len, lines)) <= NARROW[0] and "q: quit" in "".join(lines)
        there.resize(*LARGE)
        there.until(lambda lines: is_lit(lines) and len(lines[0]) == 130)


def test_power_and_reset(folder):
    with window(folder, SMALL) as there:
        there.until(is_dark)
        there.type("p")
        there.until(lambda lines: "The token is off" in "\n".join(lines))
        there.type(" r")  # presses and resets nothing
        there.type("p")
        there.until(lambda lines: "○ button" in "\n".join(lines))
        there.type("r")
        there.until(is_lit, " ")


def test_a_board_with_one_button_and_fewer_rows(folder):
    definition = (Path(__file__).parents[2] / "firmware" / "board.json").read_text()
    board = folder / "mine.json"
    board.write_text(definition.replace('"second_button": {"pin": 26},', ""))
    state = folder / "s"
    with window(state, LARGE, "--board", str(board), "--panel", "ssd1306-32") as there:
        lines = there.until(is_dark)
        assert (
            "econd" not in "\n".join(lines)
            and "2nd" not in "\n".join(lines)
            and lines.index("└" + 128 * "─" + "┘") == 17
        )


def test_a_held_button_is_shown(folder):
    with window(folder, SMALL) as there:
        there.until(is_dark)
        there.type("h")
        there.until(lambda lines: "● button" in "\n".join(lines))
        there.until(lambda lines: "○ button" in "\n".join(lines))


def test_arrow_keys_press_nothing(folder):
    with window(folder, SMALL) as there:
        there.until(is_dark)
        there.type("\x1b[1;5b\x1bOp\x1b[15~\x1bl")  # of the letters b, p, l none is a key here
        there.type("m")
        lines = there.until(lambda lines: "● second" in "\n".join(lines))
        assert "○ button" in "\n".join(lines)


# --- what stays afterwards --------------------------------------------------------------


@pytest.mark.parametrize("end", ["q", "\x03", signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_terminal_is_put_back(folder, end):
    with window(folder, SMALL) as there:
        there.until(is_dark)
        assert there.settings() != there.before
        if isinstance(end, str):
            there.type(end)
        else:
            there.process.send_signal(end)
        assert there.finish() == 0
        assert there.settings() == there.before
        assert there.written.endswith(LEFT)
    assert not (folder / "port").is_symlink()


def written(master: int, end: str) -> str:
    """Return what comes out of a pseudo-terminal, which takes its time, up to `end`."""
    data = b""
    while not data.decode(errors="ignore").endswith(end):
        data += os.read(master, 4096)
    return data.decode()


class Oops(Exception):
    pass


@pytest.fixture
def terminal(monkeypatch) -> Iterator[Callable[[], tuple[Terminal, int, int]]]:
    """Makes a Terminal in this process; gives both ends of its pseudo-terminal, too."""
    master, slave = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    with open(slave, "r+b", buffering=0, closefd=False) as stream:

        def make() -> tuple[Terminal, int, int]:
            monkeypatch.setattr(sys, "stdin", stream)
            monkeypatch.setattr(sys, "stdout", stream)
            return Terminal(), master, slave

        yield make
    os.close(master)
    os.close(slave)


def test_an_exception_puts_it_back_too(terminal, capfd):
    there, master, slave = terminal()
    before = termios.tcgetattr(slave)
    with pytest.raises(Oops), there.own():
        assert termios.tcgetattr(slave) != before
        os.write(2, b"a fault\n")
        assert capfd.readouterr().err == ""
        raise Oops
    assert termios.tcgetattr(slave) == before
    assert written(master, LEFT).startswith("\x1b[?1049h")
    assert capfd.readouterr().err == "a fault\n"


def cells(*lines: str):
    return [[(character, "0") for character in line] for line in lines]


def test_only_what_changed_is_written(terminal):
    there, master, _ = terminal()
    whole = ""
    for lines in (("abc" * 30, "def" * 30), ("abc" * 30, "def" * 29 + "dXf"), ("ab",), ("ab",)):
        there.show(cells(*lines))
        os.write(there._screen, b"|")
        part = written(master, "|").rstrip("|")
        assert not whole or lines == ("ab",) or 1 <= part.count("X") <= len(part) < 16
        whole += part
        assert [each for each in screen(whole) if each] == list(lines)
    assert part == ""


def test_no_terminal_is_one_sentence(folder):
    state = folder / "s"
    code, out, err = run("tokensim", "run", "--state", str(state), "--tui")
    assert (code, out) == (2, "") and err.endswith(
        "Error: --tui needs a terminal for its input and its output.\n"
    )
    assert not state.exists()


def test_a_dumb_terminal_is_refused(terminal, monkeypatch):
    for name in ("dumb", ""):
        monkeypatch.setenv("TERM", name)
        with pytest.raises(NoTerminal, match="TERM"):
            terminal()


# --- pixels as characters ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "dot"),  # Unicode's numbers of the dots: down the left column, down the right one
    [(0, 0, 1), (0, 1, 2), (0, 2, 3), (1, 0, 4), (1, 1, 5), (1, 2, 6), (0, 3, 7), (1, 3, 8)],
)
def test_a_dot_of_braille(x, y, dot):
    pixels = [
        bytes(int((column, row) == (x + 2, y + 4)) for column in range(6)) for row in range(8)
    ]
    assert braille(pixels) == [EMPTY * 3, EMPTY + chr(0x2800 + (1 << (dot - 1))) + EMPTY]


def test_all_pixels():
    assert braille([b"\1\1\1\1"] * 4) == [FULL * 2]
    assert half_blocks([b"\0\1\0\1", b"\0\0\1\1"]) == [" ▀▄█"]
