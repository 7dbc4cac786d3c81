"""The simulated chip's loader, as esptool and espefuse find it, which know nothing of it."""

import contextlib
import hashlib
import io
import json
import random
import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest
from esp_pylib import serial_reset
from espefuse import init_commands
from esptool.cmds import detect_chip, erase_region, read_flash, run_stub, write_flash
from esptool.util import FatalError
from reedsolo import RSCodec
from support.flashing import images
from support.flashing.wire import Chip, behind

from tokenctl.boards.definition import load
from tokenctl.errors import NoToken, WrongBoard
from tokenctl.flashing.layout import VAULT
from tokenctl.flashing.loader import Board as LoadedBoard
from tokensim.board.board import Board, Parts
from tokensim.board.reset_circuit import BRIDGED_NS, ResetCircuit
from tokensim.chips.hmac_peripheral import HmacPeripheral
from tokensim.loader import frames

BOARDS = Path(__file__).parents[2] / "hardware" / "boards"
TITLES = {"esp32": "ESP32", "esp32s2": "ESP32-S2", "esp32s3": "ESP32-S3", "esp32c3": "ESP32-C3"}
KEY = bytes(range(1, 33))
pytestmark = pytest.mark.slow
every_chip = pytest.mark.parametrize("name", TITLES)


def board(name, folder=None):
    definition = load(BOARDS / f"{name}-devkit.json").firmware()
    return Board(lambda: 0, folder, Parts(definition))


def connected(chip, **how) -> Any:
    wire: Any = chip.wire
    return detect_chip(wire, **how)


# --- what the chip says of itself -----------------------------------------------------


@every_chip
def test_esptool_finds_chip_serial_number_and_flash(name, monkeypatch):
    """By the serial number tokenctl knows that it is the token which answered before."""
    there = board(name)
    chip = Chip(there)
    with behind(monkeypatch, chip.wire), LoadedBoard(chip.wire.port) as loaded:
        assert loaded.chip.title == TITLES[name]
        assert loaded.mac == there.serial.hex().upper()
        assert (loaded.flash_size, loaded.secure) == (4 << 20, False)
    assert chip.starts == [True, False]


@pytest.mark.parametrize(
    ("name", "flag", "raised"),
    [
        ("esp32c3", "ENABLE_SECURITY_DOWNLOAD", WrongBoard),
        ("esp32c3", "SECURE_BOOT_EN", WrongBoard),
        ("esp32", "UART_DOWNLOAD_DIS", NoToken),
    ],
)
def test_a_board_that_is_refused_goes_on(name, flag, raised, tmp_path, monkeypatch):
    """Somebody's other board, or a token that was closed, must not stay dark in its loader."""
    commands = init_commands(esp=connected(Chip(board(name, tmp_path))), do_not_confirm=True)
    with contextlib.suppress(SystemExit):
        commands.burn_efuse({flag: "1"})
    chip = Chip(board(name, tmp_path))
    with behind(monkeypatch, chip.wire), pytest.raises(raised):
        LoadedBoard(chip.wire.port)
    assert chip.starts[0] is True and chip.starts[-1] is False


def test_bytes_between_packets_and_requests_of_no_kind_are_ignored():
    chip = Chip(board("esp32c3"))
    esp = connected(chip)
    for rubbish in (b"\x00" * 9, b'{"id": 1}\n', b"\xc0\xc0\xc0", b"\xc0\x00\xc0", b"\xdb" * 70000):
        chip.wire.write(rubbish + b"\xc0")
        chip.wire.read(1000)
        esp.flush_input()
        assert esp.read_reg(esp.UART_CLKDIV_REG) == 347
    with pytest.raises(FatalError):
        esp.check_command("do what no loader does", 0x77)


def test_slip_carries_any_bytes():
    data = random.Random(1).randbytes(5000) + bytes(range(256)) + b"\xdb\xdc\xc0\xdb\xdd"
    decoder = frames.Decoder()
    wire = b"noise" + frames.encode(data) * 2
    found = [each for at in range(0, len(wire), 7) for each in decoder.take(wire[at : at + 7])]
    assert found == [b"noise", data, data]


# --- the flash ------------------------------------------------------------------------


def pattern(size):
    return random.Random(size).randbytes(size // 2) + b"\xc0\xdb" * (size // 4)


@pytest.mark.parametrize(("stub", "deflated"), [(True, True), (True, False), (False, False)])
def test_what_esptool_writes_is_there_and_nothing_else(stub, deflated, tmp_path):
    chip = Chip(board("esp32c3"))
    chip.start.flash.program(0x13000, b"what lies behind")
    esp = connected(chip)
    esp = run_stub(esp) if stub else esp
    image = pattern(9000)
    write_flash(
        esp, [(0x10000, image)], flash_size="keep", compress=deflated, no_compress=not deflated
    )
    assert esp.flash_md5sum(0x10000, 9000) == hashlib.md5(image).hexdigest()
    assert read_flash(esp, 0x10000, 8192, str(tmp_path / "out")) is None
    assert (tmp_path / "out").read_bytes() == image[:8192]
    assert chip.start.flash.read(0x10000 - 4096, 4096) == b"\xff" * 4096
    assert chip.start.flash.read(0x13000, 32) == b"what lies behind".ljust(32, b"\xff")


def test_a_copy_of_the_flash_has_the_vault(tmp_path):
    there = board("esp32c3", tmp_path)
    there.flash.program(5000, b"the accounts")
    esp = run_stub(connected(Chip(there)))
    before = 0x1000  # the copy begins before the vault
    copy: Any = read_flash(esp, VAULT.offset - before, VAULT.size + 2 * before)
    assert copy[before + 5000 :][:12] == b"the accounts"
    assert hashlib.md5(copy).hexdigest() == esp.flash_md5sum(VAULT.offset - before, len(copy))
    other = board("esp32c3")
    esp = run_stub(connected(Chip(other)))
    write_flash(esp, [(VAULT.offset, copy[before:-before])], flash_size="keep")
    assert other.flash.read(0, VAULT.size) == there.flash.read(0, VAULT.size)
    erase_region(esp, VAULT.offset, VAULT.size)
    assert other.flash.read(0, VAULT.size) == b"\xff" * VAULT.size


def test_what_was_written_survives_and_an_old_folder_is_blank(tmp_path):
    chip = Chip(board("esp32c3", tmp_path))
    assert not chip.start.flash.was_written and chip.start.look()
    assert chip.start.flash.read(0, 16) == b"\xff" * 16
    assert not chip.start.flash.was_written, "reading makes no file"
    bootloader = images.application(b"a boot loader", "esp32c3")
    write_flash(run_stub(connected(chip)), [(0, bootloader)], flash_size="keep")
    again = Chip(board("esp32c3", tmp_path)).start
    assert again.flash.read(0, len(bootloader)) == bootloader
    assert not again.look() and "no MicroPython" in (again.obstacle or "")


@every_chip
@pytest.mark.parametrize(
    ("says", "address", "change"),
    [
        ("boot loader in the flash is damaged", 0, {24 + 8: b"\0"}),
        ("boot loader in the flash is damaged", 0, {1: b"\xff"}),
        ("boot loader in the flash is damaged", 0, {24 + 4: b"\xff\xff\xff\xff"}),
        ("boot loader in the flash is for another chip", 0, {12: b"\x0d"}),
        ("MicroPython in the flash is damaged", 0x10000, {40: b"\0\0"}),
        ("MicroPython in the flash is for another chip", 0x10000, {12: b"\x0d"}),
        ("the flash has no MicroPython", 0x10000, {0: b"\0"}),
        ("another partition table", 0, {}),
    ],
)
def test_what_no_chip_starts_is_not_started(name, says, address, change):
    """As ROM and boot loader: a flash that was half written, or meant for another chip."""
    chip = Chip(board(name)).start
    whole = images.micropython("v1.27.0", name)
    chip.flash.program(images.BOOTLOADERS[name], whole)
    assert chip.flash.was_written
    address = address or images.BOOTLOADERS[name]
    for place, data in change.items():
        sector = bytearray(chip.flash.read(address, 4096))
        sector[place : place + len(data)] = data
        chip.flash.erase(address, 4096)
        chip.flash.program(address, bytes(sector))
    assert not chip.look() and says in (chip.obstacle or ""), chip.obstacle


def test_an_image_for_more_flash_than_there_is_does_not_start():
    chip = Chip(board("esp32s3")).start
    chip.flash.program(0, images.micropython("v1.27.0", "esp32s3", megabytes=8))
    assert not chip.look() and "for a larger flash" in (chip.obstacle or "")


@pytest.mark.parametrize(("address", "size"), [(4 << 20, 4096), ((4 << 20) - 4096, 8192)])
def test_beyond_the_end_nothing_is_read_or_written(address, size):
    chip = Chip(board("esp32c3"))
    esp = run_stub(connected(chip))
    with pytest.raises(FatalError):
        esp.flash_begin(size, address)
    with pytest.raises(FatalError):
        esp.flash_md5sum(address, size)
    with pytest.raises(FatalError):
        esp.erase_region(address, size)
    assert not chip.start.flash.was_written or chip.start.flash.read(0, 1) == b"\xff"


def test_a_piece_that_was_damaged_on_its_way_is_refused():
    esp = run_stub(connected(Chip(board("esp32c3"))))
    esp.flash_begin(4096, 0x10000)
    with pytest.raises(FatalError):
        esp.check_command("write", 3, b"\4\0\0\0" + bytes(12) + b"data", 0)  # a wrong checksum
    with pytest.raises(FatalError):
        esp.check_command("write", 3, b"\5\0\0\0" + bytes(12) + b"data", esp.checksum(b"data"))


def test_a_piece_that_inflates_to_more_than_was_announced_takes_no_memory():
    """16 KB may hold 16 MB: no more of them is made than the flash was to take."""
    esp = run_stub(connected(Chip(board("esp32c3"))))
    bomb = zlib.compress(bytes(12 << 20), 9)
    tracemalloc.start()
    try:
        esp.flash_defl_begin(4096, len(bomb), 0x10000)
        with pytest.raises(FatalError):
            esp.flash_defl_block(bomb, 0)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


# --- the eFuses -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["esp32c3", "esp32s3", "esp32s2"])
def test_a_key_burnt_by_espefuse_is_the_peripherals_and_stays(name, tmp_path):
    there = board(name, tmp_path)
    init_commands(esp=connected(Chip(there)), do_not_confirm=True).burn_key(
        ["BLOCK_KEY2"], [io.BytesIO(KEY)], ["HMAC_UP"]
    )
    again = board(name, tmp_path)
    for each in (there, again):
        assert each.efuses.keys[2] == KEY and each.efuses.purposes == [0, 0, 8, 0, 0, 0]
        assert (each.efuses.read_protected, each.efuses.write_protected) == (4, 4)
        peripheral = HmacPeripheral(name, each.efuses)
        assert peripheral[peripheral.places.efuses + 0x9C + 64] == 0, "software cannot read it"
    commands = init_commands(esp=connected(Chip(again)), do_not_confirm=True)
    block = commands.efuses["BLOCK_KEY2"]
    assert not block.is_readable() and not block.is_writeable()
    with pytest.raises(FatalError):
        commands.burn_key(["BLOCK_KEY2"], [io.BytesIO(KEY)], ["HMAC_UP"])
    assert again.efuses == there.efuses


def test_a_protected_key_stays_and_wrongly_coded_bits_are_refused():
    """The controller sees to it, whoever writes to its registers."""
    there = board("esp32c3")
    there.efuses.burn(0, KEY)
    esp = connected(Chip(there))
    base = 0x60008800
    for word in range(8):
        esp.write_reg(base + 4 * word, 0xFFFFFFFF)
    for word, correction in enumerate(struct.unpack("<III", RSCodec(12).encode(b"\xff" * 32)[32:])):
        esp.write_reg(base + 0x20 + 4 * word, correction)
    esp.write_reg(base + 0x1CC, 0x5A5A)
    esp.write_reg(base + 0x1D4, 4 << 2 | 2)
    assert there.efuses.keys[0] == KEY
    esp.write_reg(base, 1)
    with pytest.raises(FatalError):
        esp.write_reg(base + 0x1D4, 5 << 2 | 2)
    assert there.efuses.keys == [KEY, *[bytes(32)] * 5]
    assert esp.read_reg(base + 0x1D4) == 0, "ready for the next command"


@every_chip
def test_a_flag_is_burnt_and_saved_and_no_other_is(name, tmp_path):
    flag = {"esp32": "JTAG_DISABLE", "esp32s2": "HARD_DIS_JTAG"}.get(name, "DIS_PAD_JTAG")

    def burnt(there):
        efuses = init_commands(esp=connected(Chip(there)), do_not_confirm=True).efuses
        flags = [each for each in efuses.efuses if each.efuse_type == "bool"]
        return {each.name for each in flags if each.get(from_read=True)}

    before = burnt(board(name, tmp_path))
    there = board(name, tmp_path)
    commands = init_commands(esp=connected(Chip(there)), do_not_confirm=True)
    commands.burn_efuse({flag: "1"})
    assert burnt(board(name, tmp_path)) == before | {flag}


def test_the_folder_of_an_older_tokensim_still_opens(tmp_path):
    there = board("esp32c3", tmp_path)
    there.efuses.burn(0, KEY)
    file = tmp_path / "efuses.json"
    saved = json.loads(file.read_text())
    del saved["registers"]
    file.write_text(json.dumps(saved))
    efuses = init_commands(
        esp=connected(Chip(board("esp32c3", tmp_path))), do_not_confirm=True
    ).efuses
    assert not efuses["BLOCK_KEY0"].is_readable() and efuses["KEY_PURPOSE_0"].get() == "HMAC_UP"
    assert board("esp32c3", tmp_path).efuses.keys[0] == KEY


def test_a_loader_in_its_secure_mode_only_writes(tmp_path):
    there = board("esp32c3", tmp_path)
    commands = init_commands(esp=connected(Chip(there)), do_not_confirm=True)
    with contextlib.suppress(SystemExit):
        commands.burn_efuse({"ENABLE_SECURITY_DOWNLOAD": "1"})
    chip = Chip(board("esp32c3", tmp_path))
    esp = connected(chip)
    assert esp.secure_download_mode
    for attempt in (
        lambda: esp.read_reg(esp.UART_CLKDIV_REG),
        lambda: esp.write_reg(esp.UART_CLKDIV_REG, 1),
        lambda: esp.flash_md5sum(0, 16),
        lambda: esp.read_flash_slow(0, 64, None),
        lambda: esp.mem_begin(16, 1, 16, 0),
    ):
        with pytest.raises(FatalError):
            attempt()
    esp.flash_begin(16, 0)
    esp.flash_block(b"still written at".ljust(esp.FLASH_WRITE_SIZE, b"\xff"), 0)
    assert chip.start.flash.read(0, 16) == b"still written at"


@pytest.mark.parametrize(
    ("name", "flag"), [("esp32", "UART_DOWNLOAD_DIS"), ("esp32c3", "DIS_DOWNLOAD_MODE")]
)
def test_a_loader_that_was_disabled_never_answers(name, flag, tmp_path):
    commands = init_commands(esp=connected(Chip(board(name, tmp_path))), do_not_confirm=True)
    with contextlib.suppress(SystemExit):
        commands.burn_efuse({flag: "1"})
    chip = Chip(board(name, tmp_path))
    with pytest.raises(FatalError):
        connected(chip, connect_attempts=1)
    assert chip.starts == [True] and chip.start.loader is None


# --- the lines ------------------------------------------------------------------------


class Port:
    """What Espressif's own reset sequences take for a port."""

    def __init__(self, pause=0):
        self.dtr = self.rts = True  # as both are once a port is open
        self.log = []
        self.now, self._pause = 0, pause
        self.circuit = ResetCircuit(lambda: self.log.append("reset"), self._start)

    def _start(self, boot):
        self.log.append("loader" if boot else "firmware")

    def _set(self):
        self.now += self._pause
        self.circuit.pass_time(self.now)
        self.circuit.set(self.dtr, self.rts, self.now)

    def setDTR(self, on):
        self.dtr = on
        self._set()

    def setRTS(self, on):
        self.rts = on
        self._set()

    def both(self, dtr, rts):
        self.dtr, self.rts = dtr, rts
        self._set()


@pytest.mark.parametrize("pause", [0, 100_000_000])
def test_the_sequences_of_espressifs_tools(monkeypatch, pause):
    monkeypatch.setattr(serial_reset.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(
        serial_reset, "set_dtr_rts", lambda port, dtr=False, rts=False: port.both(dtr, rts)
    )
    for into in (
        serial_reset.classic_bootloader_reset,
        serial_reset.unix_tight_bootloader_reset,
    ):
        port: Any = Port(pause)
        into(port)
        assert [port.log[0], *port.log[-1:]] == ["reset", "loader"]
        assert "firmware" not in port.log
        port.log.clear()
        serial_reset.hard_reset(port)
        assert [port.log[0], *port.log[1:]].count("firmware") == 1 and port.log[-1] == "firmware"


def test_a_chip_that_is_let_go_with_both_lines_starts_its_firmware():
    port = Port()
    port.both(False, True)
    port.both(True, True)
    assert port.log == ["reset"] and port.circuit.due == BRIDGED_NS
    port.circuit.pass_time(BRIDGED_NS - 1)
    assert port.log == ["reset"]
    port.circuit.pass_time(BRIDGED_NS)
    assert port.log == ["reset", "firmware"] and port.circuit.due is None
    port.both(True, False)
    assert port.log == ["reset", "firmware"], "BOOT alone does nothing to a chip that runs"


def test_opening_and_closing_a_port_does_not_reset():
    port = Port()
    for lines in ((False, False), (True, False), (True, True), (False, False)):
        port.both(*lines)
    assert port.log == []


def test_tokensim_starts_without_what_only_the_loader_needs():
    """It takes longer to load than all the rest, and most tokens never enter their loader."""
    program = (
        "import sys, tokensim.commands.run\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "sys.exit(bool(names & {'esptool', 'espefuse', 'espsecure'}))"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_an_order_to_a_running_token_loads_no_board():
    program = (
        "import sys, tokensim.cli, tokensim.commands.client\n"
        "names = {'PIL', 'littlefs', 'tokensim.board', 'tokenctl.device', 'tokenctl.release'}\n"
        "sys.exit(bool(names & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
