"""Several boards, and somebody at the terminal who is asked which one; and the udev rule."""

import pytest
from e2e.processes import Terminal, run
from support.flashing import images
from support.flashing.mockboard import MockBoard

from tokenctl.device.usb_chips import INSTALL, udev_rule

# tokenctl on a computer with three ports, one of which is no board's.
PROGRAM = """
import sys
from tokenctl.cli import main
from tokenctl.device import ports
ports.serial_ports = lambda: [
    ports.Port("/dev/there-is-none", "CP2102", 0x10C4),
    ports.Port("/dev/modem", "a modem", 0x1234),
    ports.Port(sys.argv[1], "CH340", 0x1A86),
]
main.main(sys.argv[2:])
"""


@pytest.fixture
def board():
    with MockBoard() as board:
        yield board


@pytest.fixture
def program(tmp_path, kept_builds):
    """PROGRAM, with builds that were made before."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    arguments = [*kept_builds, str(file)]
    begin = f"import runpy, sys; sys.argv[:1] = {arguments}; "
    return begin + "runpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.fixture
def command(board, tmp_path, monkeypatch):
    """The arguments of tokenctl flash, with the board's port in front for PROGRAM."""
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    image = tmp_path / "micropython.bin"
    image.write_bytes(images.micropython())
    return [board.url, "flash", "--dry-run", "--micropython", str(image)]


def test_a_number_chooses(command, board, program):
    with Terminal(*command, program=program) as terminal:
        terminal.until("1  /dev/there-is-none (CP2102)")
        terminal.until(f"2  {board.url} (CH340)")
        terminal.until("Which board")
        terminal.type("2\n")
        code, out = terminal.finish()
    assert code == 0, terminal.shown
    assert "Would write: firmware" in terminal.shown
    assert "/dev/modem" not in terminal.shown
    assert out == ""


def test_what_is_no_number_of_the_list_is_asked_again(command, program):
    with Terminal(*command, program=program) as terminal:
        for answer in ("3\n", "0\n", "/dev/modem\n", "\n"):
            terminal.until("Which board")
            terminal.type(answer)
        terminal.until("Which board")
        terminal.type("1\n")
        code, _ = terminal.finish()
    assert code == 4
    assert "There is no port /dev/there-is-none." in terminal.shown


def test_the_udev_rule_is_printed_and_nothing_else():
    assert run("tokenctl", "udev-rule") == (0, udev_rule(), "")


def test_the_udev_rule_s_help_has_the_line_that_installs_it():
    _, out, _ = run("tokenctl", "udev-rule", "--help")
    shown = [line.strip() for line in out.splitlines()]
    place = shown.index("tokenctl udev-rule | sudo tee /etc/udev/rules.d/70-otptoken.rules &&")
    assert " ".join(shown[place : place + 3]) == INSTALL
