"""asyncio's loop as in the stock port, instead of the wasm port's, which is made for browsers.

The interface and the objects in memory are those of the stock one; Task and TaskQueue are the
built-in ones.
"""

import asyncio
import select
from _asyncio import Task, TaskQueue
from time import ticks_diff, ticks_ms

_core = asyncio.core
_over = StopIteration, asyncio.CancelledError


class IOQueue:
    """The queue of streams that tasks wait for."""

    def __init__(self):
        self.poller = select.poll()
        self.map = {}  # id of a stream: [reading task, writing task, stream]

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
        """Let the present task wait until a stream can be read."""
        self._enqueue(stream, 0)

    def queue_write(self, stream):
        """Let the present task wait until a stream can be written."""
        self._enqueue(stream, 1)

    def remove(self, task):
        """End a task's waiting."""
        for key in [key for key, entry in self.map.items() if task in entry[:2]]:
            self.poller.unregister(self.map.pop(key)[2])

    def wait_io_event(self, duration):
        """Wait so many ms, or until a task can go on."""
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
        """Return the result of the stream's read(), once it can be read."""
        yield _core._io_queue.queue_read(self.s)
        return self.s.read(count)

    def write(self, data):
        """Add data for drain() to write."""
        self.out_buf += data

    async def drain(self):
        """Write the data of write()."""
        data = memoryview(self.out_buf)
        while data:
            yield _core._io_queue.queue_write(self.s)
            data = data[self.s.write(data) :]
        self.out_buf = b""


def run_until_complete(main=None):
    """Run until the task `main` is over, or nothing can wake a task any more."""
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
    """Replace asyncio's loop by this one."""
    _core.IOQueue, _core.run_until_complete, _core.run = IOQueue, run_until_complete, run
    _core.new_event_loop = asyncio.new_event_loop = new_event_loop
    asyncio.run, asyncio.StreamReader, asyncio.Task = run, Stream, Task
    for name in ("Event", "Lock", "gather", "wait_for", "wait_for_ms"):
        getattr(asyncio, name)  # loads it
    new_event_loop()
