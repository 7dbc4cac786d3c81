"""select on the simulated board: waits for the serial port, in the simulator's time."""

from _serial import FileIO, TextIOWrapper
from _simulator import FOREVER, call, has_input, has_none, is_quiet, may_look, wait
from _strict import integer, module, positional

POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16
_AT_ONCE = b"\0\0\0\0"


class poll:
    """A poll object for the streams of the serial port, of which the output is always writable.

    ipoll() returns this object itself, which yields the same list each time.
    """

    def __init__(self):
        self._watched = {}
        self._listens = self._writes = self._others = 0
        self._all = self._found = ()  # streams with flags: all that are watched, what ipoll() found
        self._given, self._pair = 0, []

    @positional(2, 3)
    def register(self, stream, flags=POLLIN | POLLOUT):
        """Watch a stream."""
        if not isinstance(stream, (FileIO, TextIOWrapper)):
            raise OSError("stream operation not supported")
        self._watched[id(stream)] = stream, integer(flags)
        self._count()

    @positional(3)
    def modify(self, stream, flags):
        """Change the events for which a stream is watched."""
        if id(stream) not in self._watched:
            raise OSError(2)
        self._watched[id(stream)] = stream, integer(flags)
        self._count()

    @positional(2)
    def unregister(self, stream):
        """Stop watching a stream."""
        self._watched.pop(id(stream), None)
        self._count()

    def _count(self):
        self._listens = self._writes = self._others = 0
        self._all = tuple(self._watched.values())
        for _, flags in self._all:
            self._listens |= flags & POLLIN
            self._writes |= flags & POLLOUT
            self._others |= not flags or flags & ~(POLLIN | POLLOUT)

    @positional(1, 2)
    def poll(self, timeout=-1):
        """Wait up to `timeout` ms; return the list of (stream, flags) that are ready."""
        return self._ready(self._wait(timeout))

    def ipoll(self, timeout=-1, flags=0):
        """Return an iterator over the same as poll()."""
        self._given = 0
        if self._listens and not self._others and has_input():  # for each byte that arrives
            self._found = self._all
        else:
            self._found = self._ready(self._wait(timeout))
        return self

    def __iter__(self):
        return self

    def __next__(self):
        if self._given >= len(self._found):
            raise StopIteration
        self._pair[:] = self._found[self._given]
        self._given += 1
        return self._pair

    def _passes(self, duration):
        """Let `duration` ms pass without a stream that is ready; return False if that is not sure.

        Sure is what the simulator need not be asked.
        """
        if self._writes or (self._listens and has_input()):
            return False
        return wait(duration, self._listens) or (not duration and self._has_none())

    def _ready(self, can):
        """Return (stream, flags) of all streams that wait for one of the flags in `can`."""
        return [(stream, flags & can) for stream, flags in self._all if flags & can]

    def _has_none(self):
        """Return whether certainly no stream is ready; if False, ask the simulator."""
        return has_none() if self._listens else is_quiet() and may_look()

    def _wait(self, timeout):
        """Wait up to `timeout` ms; return the flags that streams may have, or 0."""
        if self._listens and has_input():
            return POLLIN | POLLOUT
        if self._writes:
            duration = _AT_ONCE
        elif timeout is None or integer(timeout) < 0:
            duration = FOREVER
        elif wait(timeout, self._listens) or (not timeout and self._has_none()):
            return 0
        else:
            duration = timeout.to_bytes(4, "little")
        if call(b"w", duration + (b"\1" if self._listens else b"\0"))[0]:
            return POLLIN | POLLOUT
        return POLLOUT if self._writes else 0


MODULE = module("POLLERR POLLHUP POLLIN POLLOUT poll select", globals())
