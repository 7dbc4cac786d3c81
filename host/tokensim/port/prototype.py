"""Starts MicroPython as a copy of a process that has loaded the stand-ins already.

Most of the work of a start is the same each time: Python, which the port is a module of, the port,
the stand-ins, and room for names. A process does that once for all starts of this one, and
forks: see prototype_process.py. Only Linux has what that takes.
"""

import atexit
import contextlib
import marshal
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tokensim.port.pipes import Ends
from tokensim.port.prototype_process import LONGEST

_PROCESS = Path(__file__).with_name("prototype_process.py")


class Gone(Exception):
    """The process that is copied has ended."""


class Copy:
    """A process that runs MicroPython; with `wait`, `kill` and `send_signal` like a Popen."""

    def __init__(self, prototype: "Prototype", pid: int) -> None:
        self._prototype = prototype
        self.pid = pid
        self._code: int | None = None

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it was waited for."""
        if self._code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def wait(self) -> int:
        """Return its exit code once it has ended, negative if a signal ended it."""
        if self._code is None:
            try:
                status = self._prototype.ask(self.pid)
            except Gone:
                status = signal.SIGKILL
            self._code = os.waitstatus_to_exitcode(status)
        return self._code


class Prototype:
    """The process that is copied; `port` is the folder of the port's module.

    It starts with `arguments` for MicroPython, and this `environment`. `ended` is whether it can
    make no more copies.
    """

    def __init__(self, port: Path, arguments: list[str], environment: dict[str, str]) -> None:
        self._turn = threading.Lock()
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        limited = os.memfd_create("limited")
        ends = theirs.fileno(), limited
        program = [sys.executable, "-I", "-S", str(_PROCESS), str(port), *map(str, ends)]
        self._process = subprocess.Popen(
            [*program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=environment,
            process_group=0,
            pass_fds=ends,
        )
        os.close(limited)
        theirs.close()
        self.ended = False
        atexit.register(self._end)

    @staticmethod
    def is_supported() -> bool:
        """Return whether this system has what it takes."""
        return sys.platform == "linux"

    def start(self, environment: dict[str, str], folder: Path, ends: Ends) -> Copy:
        """Start a copy in a folder, with more of an environment; raise Gone.

        It runs on the processors that this thread may use.
        """
        wish = environment, str(folder), list(os.sched_getaffinity(0))
        descriptors = [ends.input, ends.output, 2, ends.requests, ends.replies]
        return Copy(self, self.ask(wish, descriptors))

    def ask(self, wish: Any, descriptors: list[int] | None = None) -> int:
        """Return the answer to a request of prototype_process.serve(); raise Gone."""
        with self._turn:
            try:
                socket.send_fds(self._channel, [marshal.dumps(wish)], descriptors or [])
                answer = self._channel.recv(LONGEST)
            except OSError:
                answer = b""
            except BaseException:  # the next one would get the answer to this
                self._end()
                raise
            if not answer:
                self._end()
                raise Gone
            return marshal.loads(answer)  # noqa: S302 (from a process of ours)

    def _end(self) -> None:
        atexit.unregister(self._end)
        self.ended = True
        self._channel.close()
        self._process.wait()
