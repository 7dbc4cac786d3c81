"""The release does what the sources do, whatever was joined, renamed or moved aside."""

import binascii
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import hash_seeds, kept_release

from tokenctl.errors import BadPayload
from tokenctl.payload import firmware_folder
from tokenctl.release import archive, names, translating
from tokenctl.release.build import Release, build
from tokenctl.release.record import Record, write
from tokensim.port.unix_port import executable

# What the firmware may do, in small: each line printed must be the same from the sources and
# from the release, wherever its parts have gone.
APP = '''
"""What is run."""
import time
from micropython import const
from tokenfw import shapes
from tokenfw.system import on_demand
from tokenfw.shapes import Square, largest, Wrong
from tokenfw.deep import core

_LIMIT = const(3)
FACTOR, _OTHER = 2, -7
TABLE = {"a": 1, "b": 2}
NAMES = ("x", "y")


def code(number):
    return number * FACTOR


def seldom(number):
    code = number + _OTHER
    return "%s %d" % (NAMES[number % 2], shapes.code(code))


def run():
    square = Square(3)
    print(square.area(), square.name, square.describe(), code(4), seldom(5))
    print(largest(Square(2), square).side, TABLE["b"], _LIMIT, shapes.HIGH)
    a, b = square.side, code(1)
    print(a, b, [each * FACTOR for each in range(_LIMIT)], core.twice(21))
    try:
        square.refuse()
    except Wrong as wrong:
        print("refused", wrong.args, isinstance(wrong, ValueError))
    print(on_demand.once("tokenfw.page").Page(square).text())
    for big in (False, True):
        if big:
            from tokenfw import large as kind
        else:
            from tokenfw import small as kind
        print(kind.NAME, kind.size(square))
    from tokenfw.later import late
    print(late(4), sorted(shapes.both(1, second=2)))
    print(square.seldom, square.total(1, 2, third=3), list(square.steps()))
    on_demand.forget("tokenfw.page")
    print(time.ticks_diff(5, 3))
'''
SHAPES = """
from tokenfw.base import Shape, HIGH as HIGH

class Wrong(ValueError):
    def __init__(self, number):
        super().__init__(number)
        self.number = number

class Square(Shape):
    SIDES = 4

    def __init__(self, side):
        Shape.__init__(self, "square")
        self.side = side

    def area(self):
        return self.side * self.side

    def refuse(self):
        raise Wrong(self.side)

    @property
    def seldom(self):
        return "property %d" % self.SIDES

    def total(self, first, *others, third=0):
        return first + sum(others) + third

    def steps(self):
        def inner(start):
            nonlocal count
            count += start
            yield count
        count = self.side
        for each in inner(1):
            yield each

def code(number):
    return number + 100

def largest(*shapes):
    return max(shapes, key=lambda shape: shape.area())

def both(first, second=0):
    return {first, second}
"""
FILES = {
    "tokenfw/__init__.py": "",
    "tokenfw/system/app.py": APP,
    "tokenfw/shapes.py": SHAPES,
    "tokenfw/base.py": """
HIGH = 1 << 40

class Shape:
    def __init__(self, name):
        self._name = name

    @property
    def name(self):
        return self._name.upper()

    def describe(self):
        return "a " + self._helped()

    def _helped(self):
        return self._name
""",
    "tokenfw/deep/__init__.py": "",
    "tokenfw/deep/core.py": "def twice(number):\n    return number * 2\n",
    "tokenfw/page.py": """
from tokenfw.shapes import Square

class Page:
    def __init__(self, square):
        self._square = square

    def text(self):
        rest = self._square.area()  # not that of the release
        return "%d of %s" % (rest, Square.SIDES)
""",
    "tokenfw/large.py": 'NAME = "large"\n\ndef size(square):\n    return square.area() * 10\n',
    "tokenfw/small.py": 'NAME = "small"\n\ndef size(square):\n    return square.area()\n',
    "tokenfw/later.py": "def late(number):\n    return number ** 2\n",
    "otpcore/version.py": 'VERSION = "1.2.3"\n',
    "development.py": "",
    "give_up.py": "",
    "main.py": """
import units
try:
    units.begin("app.bin", b"identity")
    units.load("tokenfw.system.app").run()
    units.tidy()
    units.load("tokenfw.system.app").run()
except units.Damaged:
    print("damaged")
""",
}
RAN = {
    "nothing": [],
    "everything": [
        *(
            "system.app:run",
            "system.app:code",
            "system.app:seldom",
            "shapes:code",
            "shapes:largest",
            "shapes:both",
        ),
        *(f"shapes:Square.{name}" for name in ("area", "refuse", "seldom", "total", "steps")),
        *("shapes:Square.__init__", "base:Shape.__init__", "base:Shape.name", "base:Shape._helped"),
        *("base:Shape.describe", "shapes:Wrong.__init__", "deep.core:twice"),
    ],
    "some of it": [
        "system.app:run",
        "shapes:Square.__init__",
        "base:Shape.__init__",
        "shapes:Square.area",
    ],
}


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    folder = tmp_path / "firmware"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for name in ("units.py", "tokenfw/system/on_demand.py"):
        shutil.copy(firmware_folder() / name, folder / name)
    return folder


def recorded(
    folder: Path, ran: list[str], modules: tuple[str, ...] = ("system.app", "shapes", "base")
):
    write(
        folder,
        Record(
            frozenset(f"tokenfw.{each}" for each in (*modules, "deep.core")),
            frozenset(f"tokenfw.{each}" for each in ran),
        ),
    )


def output(folder: Path, script: str, path: Path) -> str:
    run = subprocess.run(
        [executable(), script],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"MICROPYPATH": f"{path}:.frozen"},
    )
    assert not run.stderr and not run.returncode, run.stdout + run.stderr
    return run.stdout


def from_sources(folder: Path) -> str:
    script = folder / "sources.py"
    script.write_text("from tokenfw.system import app\napp.run()\napp.run()\n")
    printed = output(folder, script.name, folder)
    script.unlink()
    return printed


def from_release(release: Release, folder: Path) -> str:
    folder.mkdir()
    for name, data in release.files.items():
        (folder / name).write_bytes(data)
    return output(folder, "main.py", folder)


@pytest.mark.parametrize("ran", RAN.values(), ids=RAN)
def test_a_release_does_what_its_sources_do(firmware: Path, tmp_path: Path, ran: list[str]):
    recorded(firmware, ran)
    expected = from_sources(firmware)
    assert expected.count("\n") == 2 * 10
    assert from_release(build(firmware, "x64"), tmp_path / "board") == expected


def test_what_ran_is_at_rest_and_what_did_not_is_loaded_when_it_is_called(firmware: Path):
    recorded(firmware, RAN["some of it"])
    texts = build(firmware, "x64").texts
    called = {old: new for new, old in build(firmware, "x64").names.items()}
    at_rest = texts["0"]
    assert f"def {called['area']}(" in at_rest
    for each in ("describe", "seldom", "largest", "refuse"):
        assert f"def {called.get(each, each)}(" not in at_rest
        assert any(f"def {called.get(each, each)}(" in text for text in texts.values())


def test_a_class_that_goes_whole_keeps_nothing_else_in_memory(firmware: Path):
    recorded(firmware, ["system.app:run"])
    release = build(firmware, "x64")
    stays = {}
    for number, title in release.titles.items():
        at = 16 + 12 * int(number)
        stays[title] = bool(release.files["app.bin"][at + 4] & 0x80)
    assert stays.pop("tokenfw.system.app")
    assert stays.pop("errors")  # who catches one knows its class
    assert "tokenfw.shapes:Square" in stays
    assert not any(stays.values())


def test_what_is_let_go_of_is_out_of_memory(firmware: Path, tmp_path: Path):
    """A method that was lent to its class, with what its unit holds."""
    shapes, app, main = (
        firmware / each for each in ("tokenfw/shapes.py", "tokenfw/system/app.py", "main.py")
    )
    large = 100_000
    method = f"    def heavy(self):\n        return len(b{'x' * large!r})\n\n    def total("
    shapes.write_text(SHAPES.replace("    def total(", method))
    app.write_text(APP.replace("square = Square(3)\n", "square = Square(3)\n    square.heavy()\n"))
    main.write_text(
        "import gc\nimport units\n"
        'units.begin("app.bin", b"identity")\n'
        'app = units.load("tokenfw.system.app")\n'
        "gc.collect()\nbefore = gc.mem_alloc()\n"
        "app.run()\ngc.collect()\nloaded = gc.mem_alloc()\n"
        "units.tidy()\ngc.collect()\n"
        "print(loaded - before, gc.mem_alloc() - before)\n"
    )
    recorded(firmware, RAN["some of it"])
    printed = from_release(build(firmware, "x64"), tmp_path / "board")
    loaded, left = map(int, printed.splitlines()[-1].split())
    assert loaded > large
    assert left < large // 2


def test_names_of_ours_are_names_that_the_stock_image_holds(firmware: Path):
    recorded(firmware, RAN["everything"])
    release = build(firmware, "x64")
    assert {"Square", "shapes", "describe", "largest"} & set(release.names.values())
    assert set(release.names) <= names.stock()
    # What is spelled, what is built in, and what the interpreter looks for stays.
    assert not {"__init__", "print", "ticks_diff", "micropython"} & set(release.names.values())


def test_the_same_sources_give_the_same_bytes(firmware: Path):
    recorded(firmware, RAN["some of it"])
    first = build(firmware, "xtensawin")
    build.__globals__["compile_text"].cache_clear()
    assert build(firmware, "xtensawin").files == first.files


BUILD = """
import binascii, pathlib, sys
from tokenctl.release.build import build
release = build(pathlib.Path(sys.argv[1]), "xtensawin")
print({name: binascii.crc32(data) for name, data in release.files.items()}, release.names)
"""


def test_another_process_builds_the_same_bytes(firmware: Path):
    """Sets have another order there: a map, or what is deployed, would fit no second build."""
    recorded(firmware, RAN["some of it"])
    first, second = (hash_seeds.built(BUILD, firmware, seed) for seed in (1, 2))
    assert first == second and first


def test_a_fault_is_found_again_in_the_sources(firmware: Path):
    recorded(firmware, RAN["some of it"])
    release = build(firmware, "x64")
    known = translating.Map(translating.as_map(release, "1.2.3"))
    assert known.firmware == "1.2.3"
    line = next(n for n, t in enumerate(SHAPES.splitlines(), 1) if "raise Wrong" in t)
    raised = [
        number
        for text in release.texts.values()
        for number, written in enumerate(text.splitlines(), 1)
        if "raise " in written and "(self." in written
    ]
    assert raised
    for number in raised:
        assert known.translate(f"ValueError 0:{number}") == f"ValueError tokenfw/shapes.py:{line}"
    called = next(new for new, old in release.names.items() if old == "Wrong")
    assert known.translate(f"{called} 9999:1") == "Wrong 9999:1"
    assert known.unknown(f"{called} 0:{raised[0]} 9999:1 9999:1") == ["9999:1"]
    area = next(new for new, old in release.names.items() if old == "area")
    traceback = (
        "Traceback (most recent call last):\r\n"
        '  File "main.py", line 20, in <module>\r\n'
        f'  File "0", line {raised[0]}, in {area}\r\n'
        f"{called}: '{called}' object has no attribute '{area}'"
    )
    assert known.translate(traceback).splitlines() == [
        "Traceback (most recent call last):",
        '  File "main.py", line 20, in <module>',
        f'  File "tokenfw/shapes.py", line {line}, in area',
        "Wrong: 'Wrong' object has no attribute 'area'",
    ]
    assert known.unknown(traceback) == []
    assert known.unknown(traceback.replace('"0"', '"9999"')) == [f"9999:{raised[0]}"]


@pytest.mark.slow
def test_what_names_the_lines_of_a_fault_takes_up_little_memory():
    """MicroPython keeps the name of every source that it has loaded: the shipped firmware's."""
    release = kept_release.as_simulated(firmware_folder())
    assert len(set(release.sources.values())) < len(release.sources) / 5
    seen: set[tuple[str, int]] = set()
    for name, text in release.texts.items():
        lines = {(release.sources[name], n) for n, each in enumerate(text.split("\n")) if each}
        assert seen.isdisjoint(lines), "two units have a line of the same number"
        seen |= lines


@pytest.mark.parametrize("data", [b"", b"[]", b'{"firmware": "1"}', b'{"units": 1, "names": 2}'])
def test_what_is_no_map_is_refused(data: bytes):
    with pytest.raises(BadPayload):
        translating.Map(data)


# what the build does not understand is refused, never built wrongly


@pytest.mark.parametrize(
    "source",
    [
        "import tokenfw.shapes\n\ndef run():\n    pass\n",
        "count = 0\n\ndef run():\n    global count\n    count = 1\n",
        "from tokenfw import shapes\n\ndef run():\n    return shapes\n",
        "from tokenfw.shapes import nothing\n\ndef run():\n    nothing()\n",
        "def run():\n    units = 1\n    return units\n",
        "def run(unit_0):\n    return unit_0\n",
    ],
)
def test_what_cannot_be_built_is_refused(firmware: Path, source: str):
    recorded(firmware, [])
    (firmware / "tokenfw" / "system" / "app.py").write_text(source)
    with pytest.raises(BadPayload):
        build(firmware, "x64")


def test_a_module_that_imports_itself_is_refused(firmware: Path):
    recorded(firmware, [])
    (firmware / "tokenfw" / "base.py").write_text(
        "from tokenfw.shapes import code\n\nHIGH = 1 << 40\n\nclass Shape:\n    at = code(1)\n"
    )
    with pytest.raises(BadPayload, match="imports itself"):
        build(firmware, "x64")


def test_firmware_without_its_record_or_loader_is_refused(firmware: Path):
    with pytest.raises(BadPayload, match=r"rest\.json"):
        build(firmware, "x64")
    recorded(firmware, [])
    (firmware / "units.py").unlink()
    with pytest.raises(BadPayload, match=r"units\.py"):
        build(firmware, "x64")


# the archive


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:10],
        lambda data: data[:900],
        lambda data: flipped(data, 9),
        lambda data: flipped(data, 17),
        lambda data: flipped(data, len(data) - 200),
        lambda data: data[:4] + b"\2" + data[5:],
        None,
    ],
    ids=["empty", "header cut", "unit cut", "identity", "table", "unit", "format", "another"],
)
def test_an_archive_that_is_damaged_or_another_one_is_not_run(
    firmware: Path, tmp_path: Path, change: Callable[[bytes], bytes] | None
):
    recorded(firmware, RAN["everything"])
    release = build(firmware, "x64")
    if change is None:
        (firmware / "tokenfw" / "later.py").write_text("def late(number):\n    return number\n")
        release.files["app.bin"] = build(firmware, "x64").files["app.bin"]
    else:
        release.files["app.bin"] = change(release.files["app.bin"])
    assert from_release(release, tmp_path / "board") == "damaged\n"


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_the_archive_says_where_each_unit_is():
    packed = archive.pack([(b"one", True), (b"three", False)], {"Shape.area": 1})
    methods = binascii.crc32(b"Shape.area").to_bytes(4, "big") + b"\0\1"
    assert packed[:4] == b"OTKU" and packed.endswith(methods + b"threeone")
    assert archive.identity(packed) != archive.identity(archive.pack([(b"one", True)], {}))


def test_tuples_are_not_made_where_the_sources_make_none(firmware: Path):
    recorded(firmware, RAN["everything"])
    text = build(firmware, "x64").texts["0"]
    assert not any(
        "= (" in line and line.count(",") and ", " in line.split("=")[0]
        for line in text.splitlines()
    )


# the firmware itself


MPY_ARCH = {"xtensawin": 10, "rv32imc": 11}  # py/persistentcode.h, MP_NATIVE_ARCH_*


@pytest.mark.parametrize("arch", ["xtensawin", pytest.param("rv32imc", marks=pytest.mark.slow)])
def test_viper_is_machine_code_in_the_release_too_and_is_loaded_once(arch):
    """The compiler knows the emitter by two names only; a chip never frees what it was given."""
    release = build(firmware_folder(), arch)
    data = release.files["app.bin"]
    (count,) = struct.unpack_from(">H", data, 6)
    viper = {"otpcore.sha512_viper", "tokenfw.drivers.hmac_burst"}
    for number in range(count):
        start, length, _ = struct.unpack_from(">III", data, 16 + 12 * number)
        unit = data[start : start + (length & 0x7FFFFFFF)]
        assert b"viper" not in unit, release.titles.get(str(number))
        if release.titles.get(str(number)) in viper:
            viper.remove(release.titles[str(number)])
            assert "import" not in release.texts[str(number)] or b"sha512" in unit
            assert unit[2] >> 2 == MPY_ARCH[arch]
            assert length >> 31 == 1, "it stays"
    assert not viper
