"""python -m bench: measure everything, and print a table. A missed aim is not an error."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import (
    backups,
    bound,
    bus,
    clock,
    consent,
    decoding,
    enrolling,
    exports,
    flashing,
    hashing,
    heap,
    hostile,
    importing,
    link,
    listing,
    power,
    presses,
    start,
    table,
    vault,
    wake,
)
from bench.figure import Figure
from bench.heap32 import driver, states

_ACCOUNTS = 100
_ACCOUNTS_IN_REAL_TIME = 50


def main() -> None:
    """Print the figures, or all of them as a JSON list."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a JSON list of figures")
    arguments = parser.parse_args()
    if arguments.json:
        print(json.dumps([figure.describe() for figure in measure()], indent=2))
        return
    print("Ratios are medians of rounds with both sides in turns (10 to 90 % of the rounds).")
    for line in table.lines(measure()):
        print(line, flush=True)


def measure() -> Iterator[Figure]:
    """Measure everything."""
    yield from hashing.codes()
    yield from hashing.sha512_cores()
    yield from hashing.exchange()
    yield from vault.pin_key()
    yield from vault.openings()
    yield from vault.press()
    yield from bound.figures()
    yield from start.figures()
    if driver.is_here():
        yield from states.figures()
    else:
        print(driver.MISSING, file=sys.stderr)
    yield from wake.figures()
    yield from bus.figures(bus.measure_all())
    yield from presses.figures()
    yield from backups.entry()
    yield from consent.figures()
    yield from clock.figures()
    yield from listing.figures()
    yield from listing.start()
    yield from power.figures()
    yield from flashing.traffic()
    yield from flashing.sizes()
    yield from decoding.figures()
    yield from decoding.dark_pages()
    yield from enrolling.figures()
    yield from importing.figures()
    yield from hostile.figures()
    yield from exports.figures()
    run = link.in_real_time(_ACCOUNTS_IN_REAL_TIME)
    yield from link.figures("Provisioning with verification, in real time", run)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        state = Path(folder)
        run = link.in_simulated_time(_ACCOUNTS, state)
        yield from link.figures("Provisioning with verification, in simulated time", run)
        yield from backups.figures()
        yield from heap.figures(heap.measure(), heap.measure(state), _ACCOUNTS, heap.in_use())


if __name__ == "__main__":
    main()
