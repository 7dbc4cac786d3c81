"""Tokens whose files are damaged, or for which there is too little memory, and what they say.

The files are those of the release, laid out as a board has them, and then something happens to one
of them.
"""

import pytest
from e2e.commandline import CommandLine
from support.kept_release import as_simulated

from tokenctl.payload import firmware_folder
from tokenctl.release.build import Release
from tokensim.board.board import USUAL, Parts
from tokensim.port.interpreter import HEAP
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

LINE = b"otptoken: the firmware is damaged; write it again with tokenctl flash"
TOO_LITTLE = (
    b"otptoken: too little memory for the firmware; flash one that fits with tokenctl flash"
)
AT_REST = -10_000  # a byte of the unit at rest, which lies last in the archive
LITTLE = "130K"  # more than the rescue takes, less than the unit at rest


@pytest.fixture(scope="module")
def release() -> Release:
    return as_simulated(firmware_folder())


@pytest.fixture
def files(release) -> dict[str, bytes]:
    return release.files | {"board.json": (firmware_folder() / "board.json").read_bytes()}


@pytest.fixture
def start(tmp_path, files):
    """Start a token with the files as they are then; return it when it has settled."""
    started: list[SimulatedToken] = []

    def start(heap: str = HEAP, parts: Parts = USUAL) -> SimulatedToken:
        folder = tmp_path / "board"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        sim = SimulatedToken(runtime=Runtime(folder, heap=heap), parts=parts)
        started.append(sim)
        sim.power_on()
        sim.wait(20)
        return sim

    yield start
    for sim in started:
        sim.close()


def flip(files: dict[str, bytes], name: str, place: int) -> None:
    data = bytearray(files[name])
    data[place] ^= 1
    files[name] = bytes(data)


@pytest.fixture
def run(start, files, monkeypatch, capfd):
    def run(*arguments, **options):
        return CommandLine(start(**options), monkeypatch, capfd)(*arguments)

    return run
