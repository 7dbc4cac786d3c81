"""Times several functions in turns, so that what slows the machine slows all of them."""

# pyright: reportAttributeAccessIssue=false

import gc
import json
import time


def race(rounds, **contestants):
    """Run each contestant (function, times a round) in every round; return µs a call by name.

    The lists run in parallel: entry n of each was measured in round n.
    """
    taken = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (function, times) in contestants.items():
            gc.collect()
            start = time.ticks_us()
            for _ in range(times):
                function()
            taken[name].append(time.ticks_diff(time.ticks_us(), start) / times)
    return taken


def report(results):
    """Print what `python -m bench` reads."""
    print(json.dumps(results))
