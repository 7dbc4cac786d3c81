"""Runs long work without blocking: generators step by step, and retries for lack of memory."""

import asyncio
import gc

from micropython import const

_TRIES = const(4)
_AGAIN_MS = const(100)


async def finish(steps):
    """Run a generator to its end; other tasks run between its steps. After an error it is closed.

    Then it clears up, and those that it is at with `yield from`.
    """
    try:
        for _ in steps:
            await asyncio.sleep_ms(0)
    finally:
        if steps:  # no empty tuple
            steps.close()


async def insist(work):
    """Await `work()` and return its result; after a MemoryError try again, up to five times.

    Meanwhile other tasks may free memory. `work()` must be repeatable.
    """
    for _ in range(_TRIES):
        try:
            return await work()
        except MemoryError:
            gc.collect()
        await asyncio.sleep_ms(_AGAIN_MS)
    return await work()
