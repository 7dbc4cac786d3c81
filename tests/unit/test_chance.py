"""What chance draws: the same in each run of the tests, whatever ran before; --seed draws anew."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest
from support import pytest_runs
from support.pytest_runs import Done

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
PORT = "def pytest_addoption(parser):\n    parser.addoption('--port')\n"
OTHER = "NUMBERS = [" + ", ".join(str(7_000_000_019 + n * n) for n in range(400)) + "]\n"


USUAL = ["test_drawing.py"]
BACKWARDS = [f"test_drawing.py::test_{name}" for name in ("token", "three", "two")]
SEED, ANOTHER = ([*USUAL, "-k", "not token", "--seed", number] for number in ("1", "2"))
REAL = ["-p", "port", "--port", "/dev/none", *USUAL, "-k", "two"]


class Drawn(dict[str, list[str]]):
    """What each test of the file printed, and all that pytest did: `said`."""

    def __init__(self, done: Done) -> None:
        assert done.code == 0, done.said
        super().__init__()
        self.said = done.said
        name = ""
        for line in done.said.splitlines():
            before, said, after = line.partition("drawn")
            name = before.split("::")[1].split()[0] if "::" in before else name
            if said:
                self.setdefault(name, []).append(after)


def drawn(folder: Path, *runs: list[str]) -> list[Drawn]:
    """Return what tests of the file draw in these runs, in a process that loads no other plugin."""
    (folder / "test_drawing.py").write_text(FILE)
    (folder / "other.py").write_text(OTHER)
    (folder / "port.py").write_text(PORT)
    options = ["-c", os.devnull, "--rootdir", str(folder), "-p", "no:cacheprovider"]
    every = ([*options, "-p", "support.chance", "-sv", *each] for each in runs)
    environment = {"PYTHONPATH": f"{TESTS}:{folder}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return [Drawn(done) for done in pytest_runs.runs(folder, *every, **environment)]


class Twice(NamedTuple):
    """What runs draw, and what the same ones draw in another process."""

    first: list[Drawn]
    again: list[Drawn]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """All tests of the file without options, then one for a real token."""
    folder = tmp_path_factory.mktemp("usual")
    compiled.lay(firmware_folder(), folder / "board", MAIN)  # so that test_token builds nothing
    return Twice(drawn(folder, USUAL, REAL), drawn(folder, ["-p", "other", *BACKWARDS], REAL))


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """Those that take no token, from a seed; at first from another one, too."""
    folder = tmp_path_factory.mktemp("seeded")
    return Twice(drawn(folder, SEED, ANOTHER), drawn(folder, SEED))


def test_each_test_draws_the_same_whatever_ran_before_it(usual):
    first, again = usual.first[0], usual.again[0]
    assert set(first) == {"test_one", "test_two", "test_three", "test_token"}
    assert first["test_one"] != first["test_two"]
    assert len(set(first["test_three"])) > 50
    assert again == {name: found for name, found in first.items() if name != "test_one"}


def test_a_seed_draws_anew_and_repeats_it(usual, seeded):
    first, another = seeded.first
    assert first == seeded.again[0] and len(first) == 3
    for name in first:
        assert len({"".join(each[name]) for each in (usual.first[0], first, another)}) == 3, name


def test_a_run_says_which_seed_it_draws_from(usual, seeded):
    assert "seed: 1" in seeded.first[0].said
    assert "seed:" not in usual.first[0].said


def test_a_real_token_gets_new_ids_in_each_run(usual):
    """It remembers those that it has carried out."""
    first, again = usual.first[1], usual.again[1]
    assert first["test_two"][1] != again["test_two"][1]
