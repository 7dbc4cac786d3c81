"""asyncio as in MicroPython 1.24, which ends when nothing can wake it any more.

Newer ones wait then for a debugger that might.
"""

import asyncio

_core = asyncio.core
_wait, _run = _core.IOQueue.wait_io_event, _core.run_until_complete


class NothingToWaitFor(Exception):
    """No task is due, and none waits for a stream."""


def wait_io_event(self, duration):
    """Wait for streams, or for the next task."""
    if not self.map and _core._task_queue.peek() is None:
        raise NothingToWaitFor
    _wait(self, duration)


def run_until_complete(main=None):
    """Run until a task is over, or none can go on."""
    try:
        return _run(main)
    except NothingToWaitFor:
        return None


_core.IOQueue.wait_io_event = wait_io_event
_core.run_until_complete = run_until_complete
