"""select on the simulated board: waiting for the serial port, in the simulator's time."""

from _simulator import call, has_input

POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16
_FOREVER = 0x7FFFFFFF


class poll:
    """A poll object that knows streams of the serial port only."""

    def __init__(self):
        self._streams = {}

    def register(self, stream, flags=POLLIN | POLLOUT):
        """Watch a stream."""
        self._streams[id(stream)] = [stream, flags]

    def modify(self, stream, flags):
        """Watch it for something else."""
        self._streams[id(stream)][1] = flags

    def unregister(self, stream):
        """Watch it no more."""
        self._streams.pop(id(stream), None)

    def poll(self, timeout=-1):
        """Wait up to `timeout` ms; return the list of (stream, flags) that are ready."""
        wanted = [each for each in self._streams.values() if each[1] & POLLIN]
        if wanted and has_input():
            return [(stream, POLLIN) for stream, _ in wanted]
        duration = timeout if timeout >= 0 else _FOREVER
        ready = call(b"w", duration.to_bytes(4, "little") + (b"\1" if wanted else b"\0"))
        return [(stream, POLLIN) for stream, _ in wanted] if ready[0] else []

    def ipoll(self, timeout=-1, flags=0):
        """As poll, for iteration."""
        return iter(self.poll(timeout))
