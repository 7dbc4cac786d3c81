"""What chance draws: the same in each run of the tests, whatever ran before; --seed draws anew."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tokenctl.payload import firmware_folder
from tokenctl.release.sources import MAIN
from tokensim.port import compiled

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
FILE = """
import os, random, secrets, uuid
import pytest
from hypothesis import given, strategies as st

@pytest.fixture(scope="module")
def shared():
    return secrets.token_hex(8)

def draw(shared):
    print("drawn", shared, random.random(), secrets.token_hex(8), secrets.randbelow(1 << 40))
    print("drawn", uuid.uuid4(), os.urandom(8).hex())

def test_one(shared): draw(shared)

def test_two(shared): draw(shared)

@given(st.integers())
def test_three(number):
    print("drawn", number)

def test_token():
    from tokensim.token import SimulatedToken
    from tokenctl.device.token import Token
    with SimulatedToken() as sim, Token(sim.transport(), lambda _: sim.press(after=0.2)) as token:
        token.sync()
        print("drawn", sim.board.flash.read(0, 0x4000).hex())
"""
# Hypothesis would draw numbers that it sees in modules, if they happen to be imported.
OTHER = "NUMBERS = [" + ", ".join(str(7_000_000_019 + n * n) for n in range(400)) + "]\n"


class Drawn(dict[str, list[str]]):
    """What each test of the file printed, and all that pytest did: `said`."""

    said = ""


def drawn(folder: Path, *arguments: str) -> Drawn:
    """Run tests of the file, in a process that loads no other plugin."""
    (folder / "test_drawing.py").write_text(FILE)
    (folder / "other.py").write_text(OTHER)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(folder)),
            *("-p", "no:cacheprovider", "-p", "support.chance", "-sv"),
            *arguments,
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(TESTS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert done.returncode == 0, done.stdout
    found = Drawn()
    found.said = done.stdout
    name = ""
    for line in done.stdout.splitlines():
        before, said, after = line.partition("drawn")
        name = before.split("::")[1].split()[0] if "::" in before else name
        if said:
            found.setdefault(name, []).append(after)
    return found


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """What all tests of the file draw, without options."""
    folder = tmp_path_factory.mktemp("usual")
    compiled.lay(firmware_folder(), folder / "board", MAIN)  # so that test_token builds nothing
    return drawn(folder, "test_drawing.py")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """What those draw from a seed that take no token."""
    options = "-k", "not token", "--seed", "1"
    return drawn(tmp_path_factory.mktemp("seeded"), "test_drawing.py", *options)


def test_each_test_draws_the_same_whatever_ran_before_it(usual, tmp_path):
    assert set(usual) == {"test_one", "test_two", "test_three", "test_token"}
    assert usual["test_one"] != usual["test_two"]
    assert len(set(usual["test_three"])) > 50
    some = [f"test_drawing.py::{name}" for name in reversed(usual) if name != "test_one"]
    again = drawn(tmp_path, "-p", "other", *some)
    assert again == {name: found for name, found in usual.items() if name != "test_one"}


def test_a_seed_draws_anew_and_repeats_it(usual, seeded, tmp_path):
    again, second = (
        drawn(tmp_path, "test_drawing.py", "-k", "not token", "--seed", number)
        for number in ("1", "2")
    )
    assert seeded == again and len(seeded) == 3
    for name in seeded:
        assert len({"".join(each[name]) for each in (usual, seeded, second)}) == 3, name


def test_a_run_says_which_seed_it_draws_from(usual, seeded):
    assert "seed: 1" in seeded.said
    assert "seed:" not in usual.said


def test_a_real_token_gets_new_ids_in_each_run(tmp_path):
    """It remembers those that it has carried out."""
    (tmp_path / "port.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--port')\n"
    )
    options = "-p", "port", "--port", "/dev/none", "test_drawing.py", "-k", "two"
    first, second = drawn(tmp_path, *options), drawn(tmp_path, *options)
    assert first["test_two"][1] != second["test_two"][1]
