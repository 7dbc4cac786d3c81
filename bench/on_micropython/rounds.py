"""Times several functions in turns, so that other load on the computer affects all of them."""

import gc
import json
import time


def race(rounds, **contestants):
    """Run each contestant (function, calls per round) in every round; return {name: µs per call}.

    The values are lists by round: entry n of each was measured in round n.
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
    """Print the results for `python -m bench`, as JSON."""
    print(json.dumps(results))
