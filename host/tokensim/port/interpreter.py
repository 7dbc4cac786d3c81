"""Runs MicroPython: a process that holds the firmware and the shims, nothing else."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tokenctl.release import record
from tokensim.port import compiled, unix_port
from tokensim.port.appflash import AppFlash
from tokensim.port.pipes import Pipes
from tokensim.port.prototype import Copy, Gone

_MODULES = (".py", ".mpy", ".pyc")
# The firmware has as much memory here as on a board: what it takes at rest, plus twice what a
# board then has free, since words are twice as wide. At rest means with ten accounts, right after
# they were provisioned. bench/heap.py and bench/heap32 measure both, and a test compares.
AT_REST = 173_632  # bytes, of this 64-bit build
AT_REST_ON_A_BOARD = 90_896
SWITCHED_ON_ON_A_BOARD = 88_496  # the same token, before a computer has asked for anything new
BOARD = 166_592  # bytes of a board's heap
HEAP = f"{(AT_REST + 2 * (BOARD - AT_REST_ON_A_BOARD)) // 1024}K"

# What the stand-ins for the board's modules take in addition.
STAND_INS = 81 * 1024  # bytes, with 20 KB for names: see shims/_boot.py

MAIN = "main.py"


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

    With the usual heap it is a copy of a process that has loaded the shims, unless `is_copied` is
    False: see prototype.py.
    """

    arch = compiled.ARCH  # of machine code
    is_copied = True

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
        self.app = AppFlash(modules / "firmware") if counted else None
        self.pipes = Pipes()
        environment = {"TOKENSIM_FILES": str(modules / "firmware"), "TOKENSIM_MAIN": main}
        copy = self._copy(modules, environment) if heap == HEAP and not counted else None
        if copy is None:
            environment |= {"TOKENSIM_COUNTED": "1"} if counted else {}
        self._process = copy or self._start(modules, heap, environment)
        self.pipes.give_away()

    def _lay(self, firmware: Path, target: Path, main: str) -> None:
        """Put into `target` the files of a board with this firmware."""
        compiled.lay(firmware, target, main, self.arch)

    def _copy(self, modules: Path, environment: dict[str, str]) -> Copy | None:
        """Start MicroPython as a copy, if there can be one."""
        if not self.is_copied:
            return None
        path = {"MICROPYPATH": f"{unix_port.shims(self.arch)}:.frozen"}
        prototype = unix_port.prototype(_arguments(HEAP), path)
        try:
            if prototype is None:
                return None
            return prototype.start(environment, modules, self.pipes.theirs)
        except Gone:
            return None

    def _start(
        self, modules: Path, heap: str, environment: dict[str, str]
    ) -> "subprocess.Popen[bytes]":
        """Start MicroPython."""
        theirs = self.pipes.theirs
        (modules / "shims").symlink_to(unix_port.shims(self.arch))
        environment |= {
            "PATH": os.environ.get("PATH", ""),
            "MICROPYPATH": f"{modules / 'shims'}:.frozen",
            "TOKENSIM_REQUESTS": str(theirs.requests),
            "TOKENSIM_REPLIES": str(theirs.replies),
        }
        return subprocess.Popen(
            self._command(modules, heap),
            stdin=theirs.input,
            stdout=theirs.output,
            env=environment,
            process_group=0,  # a Ctrl-C at the terminal is the simulator's
            cwd=modules,
            pass_fds=(theirs.requests, theirs.replies),
        )

    def _command(self, modules: Path, heap: str) -> list[str]:
        """Return the command line; `modules` has firmware and shims, `heap` is a size ("310K")."""
        return unix_port.command(_arguments(heap))

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


def _arguments(heap: str) -> list[str]:
    """Return the arguments with which MicroPython runs the firmware."""
    return ["-X", f"heapsize={_bytes(heap) + STAND_INS}", "-m", "_boot"]


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
