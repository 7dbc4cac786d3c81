"""asyncio's loop as the stock port has it, in the place of the wasm port's, which is a browser's.

The interface and what is kept in memory are the stock one's; Task and TaskQueue are C's.
"""

import asyncio
import select
from _asyncio import Task, TaskQueue
from time import ticks_diff, ticks_ms

_core = asyncio.core
_over = StopIteration, asyncio.CancelledError


class IOQueue:
    """The streams that tasks wait for."""

    def __init__(self):
        self.poller = select.poll()
        self.map = {}  # id of a stream: [task that reads, task that writes, stream]

    def _enqueue(self, stream, way):
        entry = self.map.get(id(stream))
        if entry is None:
            entry = self.map[id(stream)] = [None, None, stream]
            entry[way] = _core.cur_task
            self.poller.register(stream, (select.POLLIN, select.POLLOUT)[way])
        else:
            entry[way] = _core.cur_task
            self.poller.modify(stream, select.POLLIN | select.POLLOUT)
        _core.cur_task.data = self

    def queue_read(self, stream):
        """Have the present task wait until there is something to read."""
        self._enqueue(stream, 0)

    def queue_write(self, stream):
        """Have it wait until it can write."""
        self._enqueue(stream, 1)

    def remove(self, task):
        """Have a task wait no more."""
        for key in [key for key, entry in self.map.items() if task in entry[:2]]:
            self.poller.unregister(self.map.pop(key)[2])

    def wait_io_event(self, duration):
        """Wait so many ms, or until tasks can go on."""
        for stream, flags in self.poller.ipoll(duration):
            entry = self.map[id(stream)]
            for way, flag in ((0, ~select.POLLOUT), (1, ~select.POLLIN)):
                if flags & flag and entry[way] is not None:
                    _core._task_queue.push(entry[way])
                    entry[way] = None
            if entry[0] is None and entry[1] is None:
                del self.map[id(stream)]
                self.poller.unregister(stream)
            else:
                self.poller.modify(stream, select.POLLOUT if entry[0] is None else select.POLLIN)


class Stream:
    """A stream that tasks wait for."""

    def __init__(self, stream, extra=None):
        self.s = stream
        self.e = extra or {}
        self.out_buf = b""

    async def read(self, count=-1):
        """Return what the stream's read does, once there is something."""
        yield _core._io_queue.queue_read(self.s)
        return self.s.read(count)

    def write(self, data):
        """Note what drain() writes."""
        self.out_buf += data

    async def drain(self):
        """Write it."""
        data = memoryview(self.out_buf)
        while data:
            yield _core._io_queue.queue_write(self.s)
            data = data[self.s.write(data) :]
        self.out_buf = b""


def run_until_complete(main=None):
    """Run until `main` is over, or nothing can wake a task."""
    queue, waiting = _core._task_queue, _core._io_queue
    while True:
        duration = 1
        while duration > 0:
            duration = -1
            task = queue.peek()
            if task:
                duration = max(0, ticks_diff(task.ph_key, ticks_ms()))
            elif not waiting.map:
                return None
            waiting.wait_io_event(duration)
        task = queue.pop()
        _core.cur_task = task
        try:
            fault = task.data
            if fault:
                task.data = None
                task.coro.throw(fault)
            else:
                task.coro.send(None)
        except (Exception, asyncio.CancelledError) as end:
            if task is main:
                _core.cur_task = None
                if isinstance(end, StopIteration):
                    return end.value
                raise
            _finish(queue, task, end)


def _finish(queue, task, end):
    awaited = False
    if task.state is True:
        task.state = None
    elif callable(task.state):
        task.state(task, end)
        task.state, awaited = False, True
    elif task.state:
        while task.state.peek():
            queue.push(task.state.pop())
            awaited = True
        task.state = False
    if not awaited and not isinstance(end, _over):
        context = _core._exc_context
        context["exception"], context["future"] = end, task
        asyncio.Loop.call_exception_handler(context)
    task.data = end


def run(coro):
    """Run a coroutine to its end."""
    return run_until_complete(asyncio.create_task(coro))


def new_event_loop():
    """Forget all tasks."""
    _core._task_queue = TaskQueue()
    _core._io_queue = IOQueue()
    _core.cur_task = None
    return asyncio.Loop


def install():
    """Put it in place."""
    _core.IOQueue, _core.run_until_complete, _core.run = IOQueue, run_until_complete, run
    _core.new_event_loop = asyncio.new_event_loop = new_event_loop
    asyncio.run, asyncio.StreamReader, asyncio.Task = run, Stream, Task
    for name in ("Event", "Lock", "gather", "wait_for", "wait_for_ms"):
        getattr(asyncio, name)  # loads it
    new_event_loop()
