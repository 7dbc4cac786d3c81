"""asyncio as in MicroPython 1.24, whose run() ends when nothing can wake a task any more.

Newer versions wait forever then.
"""

import asyncio

_core = asyncio.core
_wait, _run = _core.IOQueue.wait_io_event, _core.run_until_complete


class NothingToWaitFor(Exception):
    """No task is due ever, and none waits for a stream."""


def wait_io_event(self, duration):
    """Wait for streams, or for the next task."""
    if not self.map and _core._task_queue.peek() is None:
        raise NothingToWaitFor
    if not self.poller._passes(duration):  # it mostly does, and asyncio's own way allocates memory
        _wait(self, duration)


def run_until_complete(main=None):
    """Run until the task `main` is over, or no task can go on."""
    try:
        return _run(main)
    except NothingToWaitFor:
        return None


_core.IOQueue.wait_io_event = wait_io_event
_core.run_until_complete = run_until_complete
