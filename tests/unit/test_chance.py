"""What chance draws: the same in each run of the tests, whatever ran before; --seed draws anew."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
FILE = """
import os, random, secrets, uuid
import pytest
from hypothesis import given, strategies as st
from tokensim.token import SimulatedToken
from tokenctl.device.token import Token

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
    with SimulatedToken() as sim, Token(sim.transport(), lambda _: sim.press(after=0.2)) as token:
        token.sync()
        print("drawn", sim.board.flash.read(0, 0x4000).hex())
"""
# Hypothesis would draw numbers that it sees in modules, if they happen to be imported.
OTHER = "NUMBERS = [" + ", ".join(str(7_000_000_019 + n * n) for n in range(400)) + "]\n"


def drawn(folder: Path, *arguments: str) -> dict[str, list[str]]:
    """Return what each test of the file printed."""
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
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )
    assert done.returncode == 0, done.stdout
    found: dict[str, list[str]] = {}
    name = ""
    for line in done.stdout.splitlines():
        before, said, after = line.partition("drawn")
        name = before.split("::")[1].split()[0] if "::" in before else name
        if said:
            found.setdefault(name, []).append(after)
    return found


def test_each_test_draws_the_same_whatever_ran_before_it(tmp_path):
    whole = drawn(tmp_path, "test_drawing.py")
    assert set(whole) == {"test_one", "test_two", "test_three", "test_token"}
    assert whole["test_one"] != whole["test_two"]
    assert len(set(whole["test_three"])) > 50
    del whole["test_one"]
    some = [f"test_drawing.py::{name}" for name in reversed(whole)]
    assert drawn(tmp_path, "-p", "other", *some) == whole


def test_a_seed_draws_anew_and_repeats_it(tmp_path):
    usual, first, again, second = (
        drawn(tmp_path, "test_drawing.py", "-k", "not token", *options)
        for options in ((), ("--seed", "1"), ("--seed", "1"), ("--seed", "2"))
    )
    assert first == again
    for name in usual:
        assert len({"".join(each[name]) for each in (usual, first, second)}) == 3, name


def test_a_real_token_gets_new_ids_in_each_run(tmp_path):
    """It remembers those that it has carried out."""
    (tmp_path / "port.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--port')\n"
    )
    options = "-p", "port", "--port", "/dev/none", "test_drawing.py", "-k", "two"
    first, second = drawn(tmp_path, *options), drawn(tmp_path, *options)
    assert first["test_two"][1] != second["test_two"][1]


@pytest.mark.parametrize("options", [(), ("--seed", "5")])
def test_a_run_says_which_seed_it_draws_from(tmp_path, options):
    (tmp_path / "test_x.py").write_text("def test_it(): pass\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(tmp_path)),
            *("-p", "support.chance", *options, str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )
    assert ("seed: 5" in done.stdout) == bool(options)
