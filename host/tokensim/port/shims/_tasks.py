"""asyncio's queue and tasks, instead of the built-in ones, which read the computer's clock.

They have the interface that MicroPython's asyncio.core expects of its _asyncio
module; every deadline is in ticks of the simulated board.
"""

from _ticks import ticks_diff, ticks_ms
from micropython import const

_TICKS = const((1 << 30) - 1)
_HALF = const(1 << 29)


class TaskQueue:
    """Tasks by the time at which they are due; of equal times the first one pushed comes first."""

    def __init__(self):
        self._tasks = []

    def peek(self):
        """Return the next task, or None."""
        return self._tasks[0] if self._tasks else None

    def push(self, task, key=None):
        """Add a task that is due at `key` (ticks_ms), or now."""
        task.data = None
        task.ph_key = key = ticks_ms() if key is None else key
        tasks = self._tasks
        place = len(tasks)
        while place and 0 < (tasks[place - 1].ph_key - key & _TICKS) < _HALF:  # of ticks_diff()
            place -= 1
        tasks.insert(place, task)

    def pop(self):
        """Remove and return the next task."""
        return self._tasks.pop(0)

    def remove(self, task):
        """Remove a task."""
        self._tasks.remove(task)


class Task:
    """A coroutine and its state: True: running; a TaskQueue: running, and awaited by its tasks;
    False or None: over.

    `data` is what the task waits for, and at last the exception that it ended with.
    """

    def __init__(self, coro, context=None):
        self.coro = coro
        self.data = None
        self.state = True
        self.ph_key = 0
        self._core = context

    def __iter__(self):
        if not self.state:
            self.state = False  # over, and its result is asked for
        elif self.state is True:
            self.state = TaskQueue()
        elif not isinstance(self.state, TaskQueue):
            raise RuntimeError("this task cannot be awaited")
        return self

    def __next__(self):
        if not self.state:
            raise self.data  # StopIteration with the result, or the exception
        waiting = self._core["cur_task"]
        self.state.push(waiting)
        waiting.data = self

    def done(self):
        """Return whether it is over."""
        return not self.state

    def cancel(self):
        """Throw CancelledError into the task, or into the one it waits for."""
        if self.done():
            return False
        if self is self._core["cur_task"]:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data
        queue = self._core["_task_queue"]
        if hasattr(task.data, "remove"):
            task.data.remove(task)
            queue.push(task)
        elif ticks_diff(task.ph_key, ticks_ms()) > 0:
            queue.remove(task)
            queue.push(task)
        task.data = self._core["CancelledError"]
        return True
