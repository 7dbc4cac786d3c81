"""python -m bench.figures: measure anew the figures that may not grow, and write them down.

They lie in written.json, by name; a test fails when one has grown by more than GROWTH since.
With --chip also what a chip's heap goes through, by the model of it, and what the release takes
on each version of MicroPython: many minutes. Else those are kept as they are; the long tests of
tests/unit/test_chip_heap.py and test_micropython_versions.py hold the firmware to them.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from bench import backups, start
from bench.heap32 import lives, states, thousand, versions

WRITTEN = Path(__file__).parent / "written.json"
GROWTH = 0.005
MEASURES: tuple[Callable[[], dict[str, float]], ...] = (
    start.written,
    states.written,
    backups.written,
)
OF_A_CHIP = (lives.written, thousand.written, versions.written)


def read() -> dict[str, float]:
    """Return what is written down."""
    return json.loads(WRITTEN.read_text())


def grown(measured: dict[str, float], kept: dict[str, float]) -> list[str]:
    """Return a line for each figure that has grown, or that is not written down."""
    return [
        f"{name}: {value:,} after {kept.get(name, 0):,} (make figures writes it down)"
        for name, value in measured.items()
        if value > kept.get(name, 0) * (1 + GROWTH)
    ]


def main() -> None:
    """Write them down, and print them."""
    kept = read() if WRITTEN.exists() else {}
    found = {name: value for name, value in kept.items() if name.startswith(lives.PREFIX)}
    for measure in (*MEASURES, *OF_A_CHIP) if "--chip" in sys.argv[1:] else MEASURES:
        found |= measure()
    WRITTEN.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    for name, value in found.items():
        print(f"{name}: {value:,}")


if __name__ == "__main__":
    main()
