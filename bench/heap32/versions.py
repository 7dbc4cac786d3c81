"""The release on each version of MicroPython that tokenctl flashes.

The wasm port of a version has the same bytecode, objects and collector with 32 bits; the ports'
modules are simulated as of v1.24.0. The release takes its names from v1.24.0's image, and these are
loaded into each version here: on a chip, names that the image of another version lacks take
additional memory. 1.28 and 1.29 are available as previews only.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.heap32 import driver, states
from bench.heap32.driver import Node
from bench.heap32.lives import PREFIX

_FOLDER = driver.HERE.parents[1] / ".venv/heap32/versions/node_modules"
_NAME = "micropython-"
MISSING = "there is no node here, or not every version: make .venv/heap32/versions/made"


def _listed() -> tuple[str, ...]:
    package = json.loads((driver.HERE / "versions/package.json").read_text())
    return tuple(name.removeprefix(_NAME) for name in package["dependencies"])


VERSIONS = _listed()


def node(version: str) -> type[Node]:
    """Return the interpreter class of a token with this version."""
    return type(f"Node{version}", (Node,), {"port": _FOLDER / (_NAME + version)})


def are_here() -> bool:
    """Return whether all versions are installed."""
    return driver.is_here() and all(node(each).port.exists() for each in VERSIONS)


def written() -> dict[str, float]:
    """Return the memory at rest on each version, right after adding ten accounts, and later."""
    found: dict[str, float] = {}
    for version in VERSIONS:
        with TemporaryDirectory(prefix="bench-") as folder:
            found |= measured(version, Path(folder))
    return found


def measured(version: str, state: Path) -> dict[str, float]:
    """Return that of one version; `state` is an empty folder, which then has ten accounts."""
    name = f"{PREFIX}MicroPython {version}: bytes at rest"
    after = states.provisioned(state, node(version))
    with states.used(state, node(version)) as board:
        again = driver.measure(board)
    return {f"{name} after provisioning": after.bytes, f"{name}, switched on again": again.bytes}
