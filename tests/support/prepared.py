"""Starts our commands as copies of a process that has loaded them: their loading takes longest.

Python, click and our modules take 60 to 130 ms of processor time, a copy takes ten. A copy is what
would run otherwise, but for three things: another command line in the list of processes, modules
that are there before they are imported, and one seed of hashes for all. A test to which
one of them matters starts it anew: `subprocess.Popen`.

The process that is copied runs this file. Only Linux has what that takes;
elsewhere all start anew.
"""

import atexit
import ctypes
import gc
import importlib
import io
import marshal
import os
import pkgutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tokenctl.pictures import reader

_BIN = Path(sys.executable).parent
_LONGEST = 1 << 17  # bytes of a request
_SET_CHILD_SUBREAPER = 36  # of prctl(2)
_STREAMS = 3
# The arguments with which each begins, and the module whose main() it runs.
_PROGRAMS = {
    (str(_BIN / "tokenctl"),): "tokenctl.cli.main",
    (str(_BIN / "tokensim"),): "tokensim.cli",
    (sys.executable, "-P", "-m", "tokenctl.pictures.worker"): "tokenctl.pictures.worker",
}
_PACKAGES = "tokenctl.cli.commands", "tokenctl.cli.enrolling", "tokensim.commands"
_LOADED = *_PROGRAMS.values(), *_PACKAGES, "rich.progress"
_mains: dict[tuple[str, ...], Callable[[], object]] = {}  # of each program, where it is copied
_Wish = tuple[list[str], str, dict[str, str]]  # words, folder, environment
_prototype: "_Prototype | None" = None


class Command(subprocess.Popen[Any]):
    """A Popen of one of our commands, as a copy if it can be one."""

    def __init__(self, command: Sequence[str | Path], **options: Any) -> None:
        self._words = [str(each) for each in command]
        super().__init__(self._words, **options)

    def _execute_child(self, *arguments: Any) -> None:
        cwd, env = arguments[5:7]
        ends = arguments[10:16]  # of the pipes for its streams: theirs are at 0, 3 and 5
        if sys.platform != "linux" or _begin(self._words) is None:
            super()._execute_child(*arguments)  # type: ignore[misc]
            return
        sys.audit("subprocess.Popen", self._words[0], self._words, cwd, env)
        wish = self._words, os.fspath(cwd or Path.cwd()), dict(os.environ if env is None else env)
        theirs = [ends[0], ends[3], ends[5]]
        streams = [number if end < 0 else end for number, end in enumerate(theirs)]
        self.pid = self._copy(wish, streams)
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]

    def _copy(self, wish: "_Wish", streams: list[int]) -> int:
        return _started().copy(wish, streams)


# For a module of ours that starts another: the module `subprocess`, with a Command.
SUBPROCESS = SimpleNamespace(**vars(subprocess) | {"Popen": Command})


class _Prototype:
    """The process that is copied."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        atexit.register(self._end)

    def copy(self, wish: _Wish, streams: list[int]) -> int:
        """Return the pid of a copy, which becomes a child of this process."""
        prctl = ctypes.CDLL(None).prctl
        prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # its parent has ended when the answer comes
        try:
            socket.send_fds(self._channel, [marshal.dumps(wish)], streams)
            return int(self._channel.recv(_LONGEST))
        finally:
            prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)

    def _end(self) -> None:
        if os.getpid() == self.owner:
            self._channel.close()
            self._process.wait()


def _started() -> _Prototype:
    global _prototype
    if _prototype is None or _prototype.owner != os.getpid():
        _prototype = _Prototype()
    return _prototype


def _begin(words: Sequence[str]) -> tuple[str, ...] | None:
    """Return the beginning of a command that is one of ours, or None."""
    return next((each for each in _PROGRAMS if tuple(words[: len(each)]) == each), None)


# --- in the process that is copied ----------------------------------------------------


def _load() -> dict[tuple[str, ...], Callable[[], object]]:
    """Load all modules of our commands; return main() of each program."""
    for name in _LOADED:
        module = importlib.import_module(name)
        for each in pkgutil.iter_modules(getattr(module, "__path__", [])):
            importlib.import_module(f"{name}.{each.name}")
    gc.collect()
    gc.freeze()  # else the copies' memory would be written to
    return {begin: sys.modules[name].main for begin, name in _PROGRAMS.items()}


def _serve(channel: socket.socket) -> _Wish:
    """Answer each request with the pid of a copy, until pytest has ended; return in each copy."""
    pids = os.pipe()
    while True:
        data, streams, _, _ = socket.recv_fds(channel, _LONGEST, _STREAMS)
        if not data:
            os._exit(0)
        first = os.fork()
        if first == 0:
            second = os.fork()
            if second:
                os.write(pids[1], str(second).encode())
                os._exit(0)  # so that the copy becomes a child of pytest's
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            for end in (*streams, *pids):
                os.close(end)
            channel.close()
            return marshal.loads(data)  # noqa: S302 (from the process that started this one)
        for stream in streams:
            os.close(stream)
        os.waitpid(first, 0)
        channel.send(os.read(pids[0], _STREAMS * 8))


def _become(words: list[str], folder: str, environment: dict[str, str]) -> None:
    """Make this process, a copy, that of a command, as Python would have started it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = words
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        was: io.TextIOWrapper = getattr(sys, name)
        now = open(  # noqa: SIM115
            number,
            "w" if number else "r",
            encoding=was.encoding,
            errors=was.errors,
            buffering=1 if number == _STREAMS - 1 or os.isatty(number) else -1,
            closefd=False,
        )
        setattr(sys, name, now)
        setattr(sys, f"__{name}__", now)


class _Forked(Command):
    """A Popen in a copy: a copy of that. It ends without a word about how main() ended."""

    def _copy(self, wish: _Wish, streams: list[int]) -> int:
        pid = os.fork()
        if pid == 0:
            try:
                for number, stream in enumerate(streams):
                    os.dup2(stream, number)
                os.closerange(_STREAMS, os.sysconf("SC_OPEN_MAX"))
                _run(*wish)
            finally:  # nothing of the copy that has started it
                os._exit(0)
        return pid


def _run(words: list[str], folder: str, environment: dict[str, str]) -> None:
    first = _begin(words)
    assert first
    _become([first[-1], *words[len(first) :]], folder, environment)
    _mains[first]()


if __name__ == "__main__":
    _mains = _load()
    anything: Any = reader
    anything.subprocess = SimpleNamespace(**vars(subprocess) | {"Popen": _Forked})
    _run(*_serve(socket.socket(fileno=int(sys.argv[1]))))
