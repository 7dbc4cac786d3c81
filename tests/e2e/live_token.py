"""Fixtures: a token in a process of its own, in real time, and a folder for another one."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.processes import Running, run, running


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a socket's is limited."""
    path = Path(tempfile.mkdtemp(prefix="sim-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def token() -> Iterator[Running]:
    path = Path(tempfile.mkdtemp(prefix="sim-"))
    with running(path, "--link", f"{path}/port") as token:
        yield token
    shutil.rmtree(path)


def issuers(port: str) -> list[str]:
    code, out, _ = run("tokenctl", "list", "--json", TOKENCTL_PORT=port)
    assert code == 0
    return [each["issuer"] for each in json.loads(out)]
