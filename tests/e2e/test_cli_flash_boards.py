"""tokenctl flash and harden on boards that are not what the options mean, or not what they were."""

import json
import struct
from typing import Any

import pytest
from e2e.flash_command import VFS, a_vault, board, flashed, lines, micropython, tokenctl
from e2e.harden_bench import Bench
from esptool.bin_image import LoadFirmwareImage
from esptool.loader import ESPLoader
from support.flashing import images
from support.flashing.mockboard import MockBoard, MockSerialBoard, set_flash_size

from tokenctl.cli import main
from tokenctl.device import ports
from tokenctl.errors import NoSuchPort
from tokenctl.flashing import flasher, layout
from tokenctl.payload import firmware_folder

__all__ = ["board", "micropython", "tokenctl"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

OURS = json.loads((firmware_folder() / "board.json").read_text())
SEALED = bytes.fromhex("d00dd00d5ea1ed5e")  # in no firmware
MINE = OURS | {"name": "on my desk", "button": {"pin": 32}}


def ends(result, code, *words):
    """Assert that a command ended with this code, and what its last sentence says."""
    assert result.code == code and result.out == "", result
    last = result.err.splitlines()[-1]
    assert all(each in last for each in words), last


def written(path, definition):
    path.write_text(json.dumps(definition))
    return str(path)


# --- another wiring -------------------------------------------------------------------


def test_an_update_does_not_put_the_default_wiring_in_place_of_another(tokenctl, board, tmp_path):
    mine = written(tmp_path / "mine.json", MINE)
    assert tokenctl("--board", mine).code == 0
    before = bytes(board.data)
    words = ("'on my desk'", "'esp32-devkit'", "--board FILE", "--board esp32-devkit")
    ends(tokenctl(), 12, *words, "Nothing was written.")
    shown = tokenctl("--dry-run")
    assert shown.code == 0 and all(each in shown.err for each in words)
    assert bytes(board.data) == before
    assert tokenctl("--board", mine).code == 0
    assert bytes(board.data) == before
    assert tokenctl("--board", "esp32-devkit").code == 0
    assert flashed(board)


def test_a_build_that_tokenctl_knows_is_named(tokenctl, board):
    assert tokenctl("--board", "minimal-esp32").code == 0
    ends(tokenctl(), 12, "--board minimal-esp32,")


@pytest.mark.parametrize("change", [{"name": "another"}, {"full_speed": 160_000_000}])
def test_what_changes_no_pin_is_no_other_wiring(tokenctl, board, tmp_path, change):
    assert tokenctl("--board", written(tmp_path / "mine.json", OURS | change)).code == 0
    assert tokenctl().code == 0
    assert flashed(board)


def test_a_damaged_firmware_has_no_wiring_to_keep(tokenctl, board):
    assert tokenctl("--board", "minimal-esp32").code == 0
    board.data[VFS] = bytes(0xC0000)
    assert tokenctl().code == 0
    assert flashed(board)


def test_a_board_is_not_closed_for_a_wiring_that_was_not_named(tmp_path, capfd, monkeypatch):
    bench = Bench("esp32", tmp_path, capfd, monkeypatch)
    bench.wiring.write_text(json.dumps(MINE))
    with bench.board:
        bench.flash()
        serial = bench.serial
        options = ["--burn", "jtag", "--micropython", str(bench.image)]
        result = bench("harden", *options, stdin=f"burn jtag {serial}\n")
        result.refused(16, "'on my desk'", "--board FILE", "nothing was burnt")
        assert bench.states()["jtag"] == "open"
        assert bench.burn("jtag").code == 0


def test_verify_says_which_wiring_the_board_has(tokenctl, board, capfd, micropython):
    assert tokenctl("--board", "minimal-esp32").code == 0
    capfd.readouterr()
    options = ["--port", board.url, "--micropython", str(micropython)]
    assert main.run(["verify", *options]) == 14
    assert "--board minimal-esp32" in capfd.readouterr().err.splitlines()[-1]
    assert main.run(["verify", *options, "--board", "minimal-esp32"]) == 0


# --- a vault at another place ---------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "size"), [(0x200000, 0x80000), (0x3C0000, 0x40000), (0x280000, 0xC0000)]
)
def test_accounts_at_another_place_are_not_called_foreign_data(tokenctl, board, offset, size):
    """Of a tokenctl with another layout: they must neither be lost, nor survive their erasing."""
    rows = [row for row in layout.ROWS if row.label != "vault"]
    board.data[0x8000:0x8C00] = layout.table((*rows, layout.Row("vault", 1, 0x40, offset, size)))
    board.data[offset : offset + 9] = b"OTK\1 keys"
    board.data[offset + size - 8 : offset + size] = SEALED
    before = bytes(board.data)
    result = tokenctl()
    ends(result, 12, f"{offset:#x} to {offset + size:#x}", "nothing was written", "back it up")
    assert "foreign" not in result.err.splitlines()[-1] and bytes(board.data) == before
    assert tokenctl("--erase", stdin="no\n").code == 12
    assert bytes(board.data) == before
    assert tokenctl("--erase", stdin="erase\n").code == 0
    assert flashed(board)
    assert SEALED not in board.data and b"OTK\1 keys" not in board.data


@pytest.mark.parametrize("offset", [0x3C0100, 0x3FF000, 0x7F000000])
def test_a_table_that_makes_no_sense_is_erased_as_far_as_there_is_flash(tokenctl, board, offset):
    vault = layout.Row("vault", 1, 0x40, offset, 0x80000)
    board.data[0x8000:0x8C00] = layout.table((*layout.ROWS[:3], vault))
    assert tokenctl("--erase", stdin="erase\n").code == 0
    assert flashed(board)


# --- somebody's firmware --------------------------------------------------------------


def a_project(board, program=0x10000):
    """Have a board hold an ESP-IDF project, whose vault range is blank, as most is."""
    rows = (layout.Row("nvs", 1, 2, 0x9000, 0x6000), layout.Row("app", 0, 0, program, 0x100000))
    board.data[0x8000:0x8C00] = layout.table(rows)
    board.data[program : program + 24] = b"\xe9\1\2\x20".ljust(24, b"\0")
    description = struct.pack("<I12x32s32s", 0xABCD5432, b"1.2", b"weather-station")
    board.data[program + 32 : program + 32 + len(description)] = description


def test_a_project_of_somebody_is_overwritten_only_if_they_say_so(tokenctl, board):
    a_project(board)
    before = bytes(board.data)
    for answer in ("", "\n", "no\n", "erase\n"):
        result = tokenctl(stdin=answer, port=None)
        ends(result, 12, "240AC4E29526", "left unchanged", "--port", "--yes")
        assert "weather-station 1.2" in result.err
        assert bytes(board.data) == before
    shown = tokenctl("--dry-run", "--json")
    assert {"event": "other_firmware", "name": "weather-station 1.2"} in lines(shown)
    assert bytes(board.data) == before
    assert tokenctl(stdin="y\n", port=None).code == 0
    assert flashed(board)
    again = tokenctl(port=None)
    assert again.code == 0 and "other firmware" not in again.err


def test_yes_says_it_for_a_script(tokenctl, board):
    a_project(board, program=0x200000)
    result = tokenctl("--yes", port=None)
    assert result.code == 0 and "weather-station 1.2" in result.err and "[y/N]" not in result.err
    assert flashed(board)


@pytest.mark.parametrize("option", ["--port", "--serial"])
def test_a_board_that_was_named_needs_no_answer(tokenctl, board, option):
    a_project(board)
    name = board.url if option == "--port" else "240AC4E29526"
    result = tokenctl(option, name, port=None)
    assert result.code == 0 and "weather-station 1.2" in result.err and "[y/N]" not in result.err
    assert flashed(board)


@pytest.mark.parametrize(
    "place", [0, 0x1000, 0x8000, 0x8FFF, 0x9000, 0x10000, 0x27FFFF, 0x300000, 0x3BFFFF]
)
def test_whatever_is_where_something_is_written_is_asked_about(tokenctl, board, place):
    board.data[place] = 0x7F
    before = bytes(board.data)
    ends(tokenctl(port=None), 12, "other firmware")
    assert bytes(board.data) == before


def test_a_part_of_our_own_table_is_nobodys_firmware(tokenctl, board):
    board.data[0x8000:0x8050] = layout.table()[:0x50]
    result = tokenctl(port=None)
    assert result.code == 0 and "other firmware" not in result.err
    assert flashed(board)


def test_what_erases_the_vault_says_what_else_goes_and_asks_once(tokenctl, board):
    a_project(board)
    result = tokenctl("--erase", stdin="erase\n")
    assert result.code == 0 and "weather-station" in result.err and "[y/N]" not in result.err
    a_project(board)
    assert tokenctl("--erase", "--yes", stdin="").code == 12


# --- images for more than the board has -----------------------------------------------


@pytest.mark.parametrize(("megabytes", "then"), [(4, 4), (8, 8), (16, 8)])
def test_an_image_for_more_flash_than_the_board_has_starts_all_the_same(
    monkeypatch, capfd, tmp_path, megabytes, then
):
    """MicroPython's for the S3 is for 8 MB, with which ESP-IDF does not start on less."""
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    set_flash_size(monkeypatch, megabytes)
    path = tmp_path / "image.bin"
    path.write_bytes(images.micropython("v1.26.0", "esp32s3", megabytes=8))
    with MockBoard("esp32s3") as board:
        options = ["--port", board.url, "--micropython", str(path)]
        assert main.run(["flash", *options]) == 0
        read: Any = LoadFirmwareImage("esp32s3", bytes(board.data[:0x8000]))
        assert main.run(["verify", *options]) == 0
    assert 1 << (read.flash_size_freq >> 4) == then
    assert read.stored_digest == read.calc_digest


def test_an_image_for_later_chips_is_refused_before_anything_is_written(tokenctl, board, tmp_path):
    path = tmp_path / "image.bin"
    path.write_bytes(images.micropython("v1.27.0", revisions=(398, 399)))
    board.data[0x280000:0x300000] = a_vault()
    before = bytes(board.data)
    ends(tokenctl(image=path), 11, "v1.27.0 needs revision v3.98", "--micropython")
    assert bytes(board.data) == before


# The eFuses of the technical reference manuals: from the base, a word, and its bit.
ONE_CORE = ("esp32", 0x0C, 1 << 0, "Generic ESP32 module with ESP32")
OCTAL = ("esp32s3", 0x3C, 1 << 9, "Generic ESP32S3 module with ESP32S3")


@pytest.mark.parametrize(
    ("name", "place", "bit", "machine", "says"),
    [(*ONE_CORE, "ESP32_GENERIC-UNICORE"), (*OCTAL, "octal flash")],
)
def test_a_board_that_does_not_start_stock_images_is_refused_before_anything_is_written(
    tmp_path, capfd, monkeypatch, name, place, bit, machine, says
):
    bench = Bench(name, tmp_path, capfd, monkeypatch)
    base, options = bench.chip.REGS.DR_REG_EFUSE_BASE, ["--micropython", str(bench.image)]
    bench.image.write_bytes(images.micropython("v1.25.0", name, machine=machine))
    with bench.board:
        assert bench("flash", *options).code == 0
        bench.board.data[:] = b"\xff" * len(bench.board.data)
        word = bench.chip.read_reg(base + place)
        bench.chip.update_reg(base + place, 0xFFFFFFFF, word | bit)
        ends(bench("flash", *options), 11, says, "--micropython")
        assert set(bench.board.data) == {0xFF}
        own = machine.replace("Generic", "My").replace("with ESP32", "with ESP32-UNICORE")
        bench.image.write_bytes(images.micropython("v1.25.0", name, machine=own))
        assert bench("flash", *options).code == 0


# --- ports ----------------------------------------------------------------------------


def test_a_port_that_is_named_by_a_link_is_found_by_its_own_name(tokenctl, monkeypatch, tmp_path):
    """udev's link goes with the loader; what starts may be where the loader was."""
    link = tmp_path / "usb-Espressif_USB_JTAG"
    known = []

    def wait(port, serial, there):
        known.extend(there)
        raise NoSuchPort("that is all")

    monkeypatch.setattr(flasher, "wait_for_hello", wait)
    with MockSerialBoard() as board:
        link.symlink_to(board.port)
        found = [ports.Port(each, "USB", 0x303A) for each in (board.port, "/dev/ttyACM7")]
        monkeypatch.setattr(ports, "serial_ports", lambda: found)
        assert tokenctl(port=str(link)).code == 4
    assert known == ["/dev/ttyACM7"]


@pytest.mark.parametrize("stays", [True, False])
def test_what_to_do_next_names_no_port_that_has_gone(tokenctl, monkeypatch, tmp_path, stays):
    """An S2 or S3 that was put into its loader with BOOT: it starts only when EN is pressed."""
    link = tmp_path / "ttyACM0"

    def gone(port):
        if not stays:
            link.unlink(missing_ok=True)
        raise NoSuchPort("there is no port")

    monkeypatch.setattr("tokenctl.device.token.SerialTransport", gone)
    monkeypatch.setattr(flasher.wait_for_hello, "__defaults__", (None, (), 0.0))
    with MockSerialBoard() as board:
        link.symlink_to(board.port)
        option = f"--port {link}" if stays else "--serial 240AC4E29526"
        ends(tokenctl(port=str(link)), 4, "press EN", f"tokenctl {option} status")


class SlowBoard(MockSerialBoard):
    """A board behind a USB chip that loses all that is sent faster than at first."""

    speeds = 0
    _deaf, _rest = False, b""

    def __init__(self):
        super().__init__()
        receive = self._pty.recv

        def recv(size):
            data, self._rest = self._rest or receive(size), b""
            if self._deaf:
                synced = data.find(b"\xc0\x00\x08\x24\x00")
                if synced < 0:
                    raise TimeoutError
                self._deaf, self._rest = False, data[synced:]
                return b""  # a reset: the session is another
            if b"\xc0\x00\x0f\x08\x00" in data:
                self._deaf = True
                self.speeds += 1
                raise TimeoutError
            return data

        self._pty.recv = recv


def test_a_port_that_does_not_manage_the_higher_speed_is_used_at_the_lower(tokenctl, monkeypatch):
    def wait(*_):
        raise NoSuchPort("that is all")

    monkeypatch.setattr(flasher, "wait_for_hello", wait)
    command: Any = ESPLoader.command  # whose own time limit is only for the change of speed
    monkeypatch.setattr(command, "__defaults__", (*command.__defaults__[:-1], 1.0))
    with SlowBoard() as board:
        result = tokenctl(port=board.port)
        assert board.speeds == 1 and result.code == 4, result
        assert flashed(board)


# --- what starts ----------------------------------------------------------------------


class Printing:
    """A port at which a board prints the same line again and again."""

    def __init__(self, text):
        self.name, self._text = "/dev/ttyACM0", text

    def __getattr__(self, name):
        return lambda *_: self._now if name in ("monotonic", "time") else None

    _now = 0.0

    def read(self, timeout):
        self._now += 0.1
        return self._text


def test_a_firmware_that_says_why_it_does_not_start_is_heard(tokenctl, monkeypatch):
    text = b"\notptoken: too little memory\n"
    monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: Printing(text))
    monkeypatch.setattr(flasher.wait_for_hello, "__defaults__", (None, (), 0.0))
    with MockSerialBoard() as board:
        ends(tokenctl(port=board.port), 19, "too little memory to start")


def test_a_firmware_that_fails_at_every_start_is_no_success(tokenctl, monkeypatch):
    from tokenctl.device.models import Identity

    who = Identity(1, "0.1.0", "esp32-devkit", "240AC4E29526", (), fault="ValueError 0:88")
    monkeypatch.setattr(flasher, "_hello", lambda port: who)
    with MockSerialBoard() as board:
        result = tokenctl("--json", port=board.port)
    assert result.code == 19 and "done" not in [each["event"] for each in lines(result)]
    assert "keeps failing" in result.err and "ValueError 0:88" in result.err
