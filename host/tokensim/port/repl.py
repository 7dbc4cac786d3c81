"""The REPL of a simulated board that runs a development build: raw, raw-paste and friendly mode.

It follows MicroPython's documentation ("The MicroPython Interactive Interpreter Mode (aka
REPL)"), so that mpremote works. Input runs in the MicroPython unix port, with the board's files
as its file system, and one scope until the next soft reset.

Not simulated: the board's own modules (machine, esp32), its heap, a full littlefs, line editing.
The firmware restarts from the same files: see tokensim.port.runtime.
"""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from tokensim.port.unix_port import executable

WINDOW = 128  # bytes, of raw-paste mode
RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
PROMPT = b"\r\n>>> "
_BANNER = b"\r\nMicroPython on a simulated board" + PROMPT
_FRIENDLY, _RAW, _PASTE, _RUNS = "friendly", "raw", "paste", "runs"
_ENDS = {_RAW: 2, _FRIENDLY: 1}  # how many 0x04 end the output of a run
_BEGUN = b"\6"
# Runs in the unix port. Its input is a letter for the mode, a length (8 digits) and a program
# text; it answers with 0x06, the output, 0x04, and in raw mode the traceback and 0x04. Ctrl-C may
# come from the 0x06 on, until that end has been read: also when the program has ended already. So
# it may be raised at any jump: what has been read, or is to be said, is kept outside of step(), and
# what is said last may come twice.
_RUNNER = """
import io, sys
scope, head, last, going = {"__name__": "__main__"}, bytearray(9), "", True
def run(code, friendly):
    exec(compile(code, "<stdin>", "single") if friendly else code, scope)
def ending(friendly, fault):
    text = io.StringIO()
    if not friendly:
        text.write("\\x04")
    if fault is not None:
        sys.print_exception(fault, text)
    return text.getvalue() + "\\x04"
def step():
    global last
    if last:
        sys.stdout.write(last)
        last = ""
    if not head[8] and not sys.stdin.buffer.readinto(head):
        return False
    code = str(sys.stdin.buffer.read(int(str(head[1:], "utf-8"))), "utf-8")
    friendly = head[0] == 102
    last = ending(friendly, KeyboardInterrupt())
    head[8] = 0
    try:
        sys.stdout.write("\\x06")
        run(code, friendly)
        last = ending(friendly, None)
    except BaseException as raised:
        last = ending(friendly, raised)
    return True
while going:
    try:
        while going:
            going = step()
    except KeyboardInterrupt:
        pass
"""


class Repl:
    """The REPL on the board's files in `folder`: take() takes input, output() returns output."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mode = self._after = _FRIENDLY
        self._line = bytearray()
        self._room = self._ends = 0
        self._begins = False  # whether a program is not known to run yet
        self._stops = False  # whether Ctrl-C came before that
        self._waiting = bytearray()  # input that came while a program ran
        self._out = bytearray()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def busy(self) -> bool:
        """Whether a program is running, whose output has to be polled."""
        return self._mode == _RUNS

    def begin(self) -> None:
        """Start with a prompt: the firmware has ended."""
        self._mode = _FRIENDLY
        self._line.clear()
        self._out += PROMPT

    def end(self) -> None:
        """Kill a running program: the chip restarts."""
        self._mode = _FRIENDLY
        self._line.clear()
        self._waiting.clear()
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def take(self, data: bytes) -> bool:
        """Take input of the computer; return whether the firmware is to restart."""
        for place, byte in enumerate(data):
            if self._mode == _RUNS:
                self._while_it_runs(data[place:])
                return False
            if self._mode == _FRIENDLY and byte == 4:
                self.end()
                return True
            handle = {_FRIENDLY: self._friendly, _RAW: self._raw, _PASTE: self._paste}
            handle[self._mode](bytes([byte]))
        return False

    def output(self) -> tuple[bytes, bool]:
        """Return the bytes to send, and whether the firmware is to restart."""
        again = False
        if self._mode == _RUNS:
            self._read()
            if self._mode != _RUNS and self._waiting:
                waiting, self._waiting = bytes(self._waiting), bytearray()
                again = self.take(waiting)
        data, self._out = bytes(self._out), bytearray()
        return data, again

    # the modes

    def _friendly(self, byte: bytes) -> None:
        if byte == b"\1":
            self._mode = _RAW
            self._line.clear()
            self._out += RAW_PROMPT
        elif byte == b"\2":
            self._line.clear()
            self._out += _BANNER
        elif byte == b"\3":
            self._line.clear()
            self._out += PROMPT
        elif byte in (b"\x7f", b"\x08"):
            if self._line:
                del self._line[-1]
                self._out += b"\x08 \x08"
        elif byte in (b"\r", b"\n"):
            self._out += b"\r\n"
            if self._line.strip():
                self._run(_FRIENDLY)
            else:
                self._out += b">>> "
        elif byte >= b" " or byte == b"\t":
            self._line += byte
            self._out += byte

    def _raw(self, byte: bytes) -> None:
        if byte == b"\1" and self._line == b"\5A":
            self._line.clear()
            self._mode, self._room = _PASTE, 2 * WINDOW
            self._out += b"R\1" + WINDOW.to_bytes(2, "little") + b"\1"
        elif byte == b"\1":
            self._line.clear()
            self._out += RAW_PROMPT
        elif byte == b"\2":
            self._line.clear()
            self._mode = _FRIENDLY
            self._out += _BANNER
        elif byte == b"\3":
            self._line.clear()
        elif byte == b"\4":
            self._out += b"OK"
            if self._line:
                self._run(_RAW)
            else:  # main.py is not run then
                self.end()
                self._mode = _RAW
                self._out += b"\r\nMPY: soft reboot\r\n" + RAW_PROMPT
        elif byte != b"\r" or self._line:
            self._line += byte

    def _paste(self, byte: bytes) -> None:
        if byte == b"\4":
            self._out += b"\4"
            self._run(_RAW)
        elif byte == b"\3":
            self._line.clear()
            self._mode = _RAW
            self._out += b"\4\4>"
        else:
            self._line += byte
            if len(self._line) % WINDOW == 0:
                self._out += b"\1"

    # running programs

    def _run(self, mode: str) -> None:
        code = bytes(self._line)
        self._line.clear()
        if self._process is None:
            self._process = subprocess.Popen(
                [executable(), "-c", _RUNNER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                bufsize=0,
                process_group=0,  # a Ctrl-C at the terminal is the simulator's
                env={"MICROPYPATH": ".frozen", "PATH": os.environ.get("PATH", "")},
            )
            assert self._process.stdout is not None  # noqa: S101 (for the type checker)
            os.set_blocking(self._process.stdout.fileno(), False)
        self._mode, self._after, self._ends = _RUNS, mode, _ENDS[mode]
        self._begins, self._stops = True, False
        assert self._process.stdin is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(mode[:1].encode() + b"%08d" % len(code) + code)

    def _while_it_runs(self, data: bytes) -> None:
        if b"\3" in data and self._process is not None:
            if self._begins:
                self._stops = True
            else:
                self._process.send_signal(signal.SIGINT)
        self._waiting += data.replace(b"\3", b"")

    def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None  # noqa: S101
        data = self._process.stdout.read()
        if data == b"":  # it has ended: sys.exit in it, or a crash
            data = b"\4" * self._ends
            self._process.communicate()
            self._process = None
        data = data or b""
        if self._begins and self._process is not None:
            _, begun, data = data.partition(_BEGUN)  # before it the last one's end, again
            self._begins = not begun
            if begun and self._stops:
                self._process.send_signal(signal.SIGINT)
        pieces = data.split(b"\4", self._ends)
        if len(pieces) > self._ends:
            data = data[: len(data) - len(pieces[-1])]  # without the end, where that is said again
        if self._after == _FRIENDLY:
            self._ends -= data.count(b"\4")
            self._out += data.replace(b"\4", b"").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        else:
            self._ends -= data.count(b"\4")
            self._out += data
        if self._ends <= 0:
            self._mode = self._after
            self._out += b">" if self._after == _RAW else b">>> "
