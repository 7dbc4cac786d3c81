"""Long work in steps: a generator, between whose steps other tasks run."""

import asyncio
import gc

from micropython import const

_TRIES = const(4)
_AGAIN_MS = const(100)


async def finish(steps):
    """Go through all of them."""
    for _ in steps:
        await asyncio.sleep_ms(0)


async def insist(work):
    """Await `work()`, some more times when memory is short: others let go of theirs meanwhile."""
    for _ in range(_TRIES):
        try:
            return await work()
        except MemoryError:
            gc.collect()
        await asyncio.sleep_ms(_AGAIN_MS)
    return await work()
