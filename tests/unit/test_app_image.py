"""The image of the firmware: what real MicroPython finds in it."""

import binascii
import json
import os
import re
import shutil
import struct
import subprocess
import sysconfig
from pathlib import Path

import pytest
from support import hash_seeds, kept_release

from tokenctl.errors import BadPayload, WrongBoard
from tokenctl.flashing import app_image
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import firmware_folder
from tokenctl.release import record

MICROPYTHON = Path(sysconfig.get_path("scripts")) / "micropython"
ESP32, S2, S3, C3 = CHIPS
MOUNT = """
import vfs, sys, os, json, binascii
class Disk:
    def __init__(self, path):
        with open(path, "rb") as file: self.data = bytearray(file.read())
    def readblocks(self, block, buffer, offset=0):
        start = block * 4096 + offset
        buffer[:] = self.data[start:start + len(buffer)]
    def writeblocks(self, block, buffer, offset=None):
        if offset is None: offset = 0
        start = block * 4096 + offset
        self.data[start:start + len(buffer)] = buffer
    def ioctl(self, operation, argument):
        if operation == 4: return len(self.data) // 4096
        if operation == 5: return 4096
        if operation == 6:
            self.data[argument * 4096:(argument + 1) * 4096] = b"\\xff" * 4096
            return 0
vfs.mount(vfs.VfsLfs2(Disk(sys.argv[1])), "/flash")
"""
LIST = """
def walk(folder, found):
    for name, kind, *_ in os.ilistdir("/flash" + folder):
        if kind == 0x4000: walk(folder + "/" + name, found)
        else:
            with open("/flash" + folder + "/" + name, "rb") as file:
                found[(folder + "/" + name)[1:]] = binascii.hexlify(file.read()).decode()
    return found
print(json.dumps(walk("", {})))
"""
# No path but the image's: what is imported comes from there.
IMPORT = """
sys.path[:] = ["/flash", ".frozen"]
os.chdir("/flash")
import units
with open("main.py") as file: lines = file.read().split("\\n")
(begin,) = [each.strip() for each in lines if "app.bin" in each]
exec(begin)
with open("/flash/new", "w") as file: file.write("taken")
with open("/flash/new") as file: assert file.read() == "taken"
print(lines[0].split()[2], sys.path[0])
try:
    exec(begin[:-2] + "?')")
except ImportError:
    print("another")
"""


def on_micropython(image, program, tmp_path):
    path = tmp_path / "image.bin"
    path.write_bytes(image)
    script = tmp_path / "script.py"
    script.write_text(MOUNT + program)
    run = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=8M", script, path],
        env={**os.environ, "MICROPYPATH": ".frozen"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout.strip()


@pytest.fixture(scope="module")
def image():
    return app_image.build(firmware_folder(), ESP32)


def test_it_fills_its_partition(image):
    assert len(image) == 0xC0000


BUILD = """
import sys
from pathlib import Path
from tokenctl.flashing import app_image
from tokenctl.flashing.chips import CHIPS
sys.stdout.buffer.write(app_image.build(Path(sys.argv[1]), CHIPS[0]))
"""


@pytest.mark.slow
def test_the_same_firmware_gives_the_same_bytes(image, tmp_path):
    """In another folder, at another time, and in a process in which sets have another order."""
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(firmware_folder(), elsewhere)
    for path in elsewhere.rglob("*.py"):
        os.utime(path, (1, 1))
    (elsewhere / "otpcore" / "otp.pyc").write_bytes(b"left over")
    assert hash_seeds.built(BUILD, elsewhere, 1) == image


RELEASE = {"main.py", "units.mpy", "app.bin", "rescue.mpy", "board.json"}


def test_micropython_finds_just_what_the_board_needs(image, tmp_path):
    found = json.loads(on_micropython(image, LIST, tmp_path))
    assert set(found) == RELEASE
    contents = app_image.compiled(firmware_folder(), ESP32)
    assert {name: bytes.fromhex(content) for name, content in found.items()} == contents


def test_a_development_build_has_another_main_a_notice_and_no_rescue(tmp_path):
    image = app_image.build_development(firmware_folder(), ESP32)
    found = json.loads(on_micropython(image, LIST, tmp_path))
    assert set(found) == RELEASE - {"rescue.mpy"}
    archive = bytes.fromhex(found["app.bin"])
    assert b"Not for real accounts" in archive
    assert b"Not for real accounts" not in app_image.compiled(firmware_folder(), ESP32)["app.bin"]
    main = bytes.fromhex(found["main.py"])
    assert re.match(rb"# otptoken \d+\.\d+\.\d+\n", main)
    # As words: the build may call any name of ours WDT_RESET, say.
    assert not re.search(rb"\b(kbd_intr|reset|except|WDT)\b", main)


def test_micropython_finds_the_archive_of_a_development_build_in_it_and_writes_to_it(tmp_path):
    files = kept_release.as_simulated(firmware_folder(), development=True).files
    image = app_image.pack(files)
    version = (firmware_folder() / "otpcore" / "version.py").read_text().split('"')[-2]
    assert on_micropython(image, IMPORT, tmp_path).split() == [version, "/u", "another"]


@pytest.fixture
def tiny(tmp_path):
    """A firmware of one module, with machine code in it."""
    folder = tmp_path / "tiny"
    shutil.copytree(firmware_folder(), folder, ignore=lambda *_: ["tokenfw", "otpcore"])
    for name, text in TINY.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    on_demand = "tokenfw/system/on_demand.py"
    shutil.copy(firmware_folder() / on_demand, folder / on_demand)
    record.write(folder, record.Record(frozenset(["tokenfw.system.app"]), frozenset()))
    return folder


MAIN = """
import units
units.begin("app.bin", b"identity")
units.load("tokenfw.system.app").run()
"""
TINY = {
    "main.py": MAIN,
    "development.py": MAIN,
    "otpcore/version.py": 'VERSION = "1.2.3"\n',
    "tokenfw/__init__.py": "",
    "tokenfw/system/app.py": """
import micropython

@micropython.viper
def run() -> int:
    return 7
""",
}


@pytest.mark.parametrize(
    "chip, number", [(ESP32, 10), (S2, 10), (S3, 10), (C3, 11)], ids=lambda each: str(each)[:20]
)
def test_machine_code_is_the_chips(tiny, chip, number):
    # Byte 2 of an .mpy file; py/persistentcode.h: MP_NATIVE_ARCH_XTENSAWIN is 10, RV32IMC 11.
    for made in (app_image.compiled(tiny, chip), app_image.development(tiny, chip)):
        arches = {unit[2] >> 2 for unit in units_of(made["app.bin"])}
        assert number in arches and arches <= {0, number}


def test_there_is_machine_code_in_the_firmware():
    archive = app_image.compiled(firmware_folder(), ESP32)["app.bin"]
    assert {unit[2] >> 2 for unit in units_of(archive)} == {0, 10}  # most units have none


def units_of(archive):
    """Return the units of an archive, as its format says."""
    count = int.from_bytes(archive[6:8], "big")
    entries = [struct.unpack(">III", archive[16 + 12 * n : 28 + 12 * n]) for n in range(count)]
    units = [archive[start : start + (length & 0x7FFFFFFF)] for start, length, _ in entries]
    assert all(binascii.crc32(unit) == each[2] for unit, each in zip(units, entries, strict=True))
    *units, _ = units  # the last one is a list: which unit has which methods
    assert all(unit[:2] == b"M\x06" for unit in units)
    return units


def test_a_board_definition_for_another_chip_is_refused(tiny):
    with pytest.raises(WrongBoard, match="esp32c3"):
        app_image.build(tiny, C3)
    ours = json.loads((firmware_folder() / "board.json").read_text())
    board = json.dumps(ours | {"chip": "esp32c3"}).encode()
    assert len(app_image.build(tiny, C3, board)) == 0xC0000


def test_a_panel_that_no_driver_is_for_is_refused():
    ours = json.loads((firmware_folder() / "board.json").read_text())
    for driver, good in (("ssd1306", True), ("sh1106", True), ("sh1107", False), ("", False)):
        board = json.dumps(ours | {"panel": ours["panel"] | {"driver": driver}}).encode()
        if good:
            assert app_image.build(firmware_folder(), ESP32, board)
        else:
            with pytest.raises(WrongBoard, match="no driver"):
                app_image.build(firmware_folder(), ESP32, board)


@pytest.mark.parametrize("board", [b"", b"[]", b"{}", b"\xff"])
def test_what_is_no_board_definition_is_refused(board):
    with pytest.raises(WrongBoard):
        app_image.build(firmware_folder(), ESP32, board)


def test_what_does_not_fit_is_refused():
    with pytest.raises(BadPayload):
        app_image.pack({"large.bin": os.urandom(0xC0000)})


def test_a_firmware_that_cannot_be_compiled_is_refused(tmp_path):
    shutil.copytree(firmware_folder(), tmp_path / "firmware")
    (tmp_path / "firmware" / "otpcore" / "broken.py").write_text("def:")
    with pytest.raises(BadPayload, match="invalid syntax"):
        app_image.build(tmp_path / "firmware", ESP32)


def test_a_firmware_without_main_is_refused(tmp_path):
    shutil.copytree(firmware_folder(), tmp_path / "firmware")
    (tmp_path / "firmware" / "main.py").unlink()
    with pytest.raises(BadPayload, match="main.py"):
        app_image.build(tmp_path / "firmware", ESP32)
