"""python -m bench.figures: measure the figures that must not grow, and store them.

They are in written.json, by name; a test fails if one has grown by more than GROWTH since. With
--chip it also replays the model of a chip's heap, and measures the release on each version of
MicroPython, which takes many minutes. Otherwise those figures are kept; the long tests of
tests/unit/test_chip_heap.py and test_micropython_versions.py compare the firmware with them.
"""

import argparse
import json
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
_ABOUT = f"Measure the figures that must not grow, and store them in bench/{WRITTEN.name}."
_CHIP = "also replay the model of a chip's heap, and measure each MicroPython: half an hour"
OF_A_CHIP = (lives.written, thousand.written, versions.written)


def read() -> dict[str, float]:
    """Return the stored figures by name."""
    return json.loads(WRITTEN.read_text())


def grown(measured: dict[str, float], kept: dict[str, float]) -> list[str]:
    """Return a line for each figure that has grown, or that is not stored."""
    return [
        f"{name}: {value:,} after {kept.get(name, 0):,} (make figures writes it down)"
        for name, value in measured.items()
        if value > kept.get(name, 0) * (1 + GROWTH)
    ]


def main() -> None:
    """Measure the figures, store them, and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=_ABOUT)
    parser.add_argument("--chip", action="store_true", help=_CHIP)
    measures = (*MEASURES, *OF_A_CHIP) if parser.parse_args().chip else MEASURES
    kept = read() if WRITTEN.exists() else {}
    found = {name: value for name, value in kept.items() if name.startswith(lives.PREFIX)}
    for measure in measures:
        found |= measure()
    WRITTEN.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    for name, value in found.items():
        print(f"{name}: {value:,}")


if __name__ == "__main__":
    main()
