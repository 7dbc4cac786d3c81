"""A stand-in for a board that runs the firmware in a folder, and has a REPL for mpremote.

Its port is a pseudo-terminal. The firmware runs in tokensim, in real time; Ctrl-C ends a
development build there, and then the REPL follows MicroPython's documentation ("The MicroPython
Interactive Interpreter Mode (aka REPL)": raw mode and raw-paste mode). Snippets run in the
MicroPython unix port with the folder as their file system.

Not simulated: a littlefs that is full, or whose power fails; the heap of a board that compiles
the sources; a Ctrl-C during a flash operation; the input buffer of 259 bytes, which overflows in
raw mode; reset lines; the friendly REPL, except for its control characters.
"""

import os
import select
import shutil
import subprocess
import threading
import time
import tty
from pathlib import Path

from tokensim.port.runtime import Runtime
from tokensim.port.unix_port import executable
from tokensim.token import SimulatedToken

SNIPPETS = Path(__file__).parent / "snippets.py"
WINDOW = 128  # bytes, of raw-paste mode
RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
BANNER = b"\r\nMicroPython; a stand-in\r\n>>> "
FIRMWARE, FRIENDLY, RAW, PASTE = "firmware", "friendly", "raw", "paste"
TIMEOUT = 30  # seconds


class _Token(SimulatedToken):
    """A token that may not start."""

    def wait_until_ready(self) -> None:
        """Do not wait: the firmware may be broken."""


class _Wire:
    """tokensim's end of the port."""

    name = "the stand-in's"

    def __init__(self, send):
        self.send = send
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)

    def feed(self, data):
        """Pass bytes to the firmware."""
        os.write(self._in, data)

    def descriptors(self):
        """See tokensim.link.link.Endpoint."""
        return [self._out]

    def receive(self):
        """See tokensim.link.link.Endpoint."""
        try:
            return os.read(self._out, 4096)
        except BlockingIOError:
            return b""

    def close(self):
        """See tokensim.link.link.Endpoint."""
        os.close(self._out)
        os.close(self._in)


class StandIn:
    """The board, a context manager. `port` is its path, `folder` its file system.

    `starts` counts the runs of the firmware. `release` is the sources of the release in the
    folder, None for a development build. With `raw_paste` False it lacks that mode, as older
    boards do. `executed` is the list of snippets that were run.
    """

    def __init__(self, folder, state, release=None, raw_paste=True):
        self.folder = folder
        self.executed = []
        self.starts = 0
        self._state = state
        self._release = release
        self._raw_paste = raw_paste
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._slave = slave
        self.port = os.ttyname(slave)
        self._token = self._wire = self._process = None
        self._mode, self._line, self._room = FRIENDLY, bytearray(), 0
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.failure = None

    def __enter__(self):
        self._run_firmware()
        self._wait(lambda: self._token.chip.ready or self._token.chip.console.in_repl)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping = True
        self._thread.join(TIMEOUT)
        self._end_firmware()
        self._end_snippets()
        os.close(self._master)
        os.close(self._slave)
        assert self.failure is None, self.failure

    def _serve(self):
        try:
            while not self._stopping:
                if select.select([self._master], [], [], 0.05)[0]:
                    for byte in os.read(self._master, 4096):
                        self._take(bytes([byte]))
        except BaseException as failure:
            self.failure = failure
            raise

    def _send(self, data):
        os.write(self._master, data)

    # the firmware

    def _run_firmware(self):
        """Run main.py, as a board does after a reset, or a soft reset from the friendly REPL."""
        self.starts += 1
        firmware = self._release
        if firmware is None:
            firmware = self._state / f"run{self.starts}"
            shutil.copytree(self.folder, firmware)
        self._wire = _Wire(self._send)
        self._token = _Token(
            self._state / "token",
            endpoint=self._wire,
            runtime=Runtime(firmware),
        )
        self._token.__enter__()
        self._mode = FIRMWARE

    def _end_firmware(self):
        if self._token is not None:
            self._token.close()
            self._token = None

    def _interrupt(self):
        """Pass Ctrl-C on, and wait until the firmware has ended."""
        self._wire.feed(b"\3")
        self._wait(lambda: self._token.chip.console.in_repl)

    def _wait(self, until):
        end = time.monotonic() + TIMEOUT
        while not until():
            assert time.monotonic() < end, "the firmware did not start, or end at Ctrl-C"
            time.sleep(0.01)

    # input

    def _take(self, byte):
        if self._mode == FIRMWARE:
            if not self._token.chip.console.in_repl:
                if byte == b"\3" and self._release is None:
                    self._interrupt()
                else:
                    self._wire.feed(byte)
                    return
            self._end_firmware()
            self._mode = FRIENDLY
            if byte == b"\3":
                return
        {FRIENDLY: self._friendly, RAW: self._raw, PASTE: self._paste}[self._mode](byte)

    def _friendly(self, byte):
        if byte == b"\1":
            self._mode = RAW
            self._line.clear()
            self._send(RAW_PROMPT)
        elif byte == b"\2":
            self._send(BANNER)
        elif byte == b"\4":
            self._end_snippets()
            self._send(b"\r\nMPY: soft reboot\r\n")
            self._run_firmware()
        elif byte in b"\r\3":
            self._send(b"\r\n>>> ")

    def _raw(self, byte):
        if byte == b"\1" and self._line == b"\5A":
            self._line.clear()
            if self._raw_paste:
                self._mode, self._room = PASTE, 2 * WINDOW
                self._send(b"R\1" + WINDOW.to_bytes(2, "little") + b"\1")
            else:
                self._send(b"R\0")
        elif byte == b"\1":
            self._line.clear()
            self._send(RAW_PROMPT)
        elif byte == b"\2":
            self._mode = FRIENDLY
            self._send(BANNER)
        elif byte == b"\3":
            self._line.clear()
        elif byte == b"\4":
            self._send(b"OK")
            if self._line:
                self._execute()
            else:
                self._end_snippets()
                self._send(b"\r\nMPY: soft reboot\r\n" + RAW_PROMPT)  # main.py is not run
        elif byte != b"\r" or self._line:
            self._line += byte

    def _paste(self, byte):
        assert self._room > 0, "more was sent than the window allows"
        if byte == b"\4":
            self._send(b"\4")
            self._mode = RAW
            self._execute()
            return
        self._line += byte
        self._room -= 1
        if len(self._line) % WINDOW == 0:
            self._room += WINDOW
            self._send(b"\1")

    # running snippets

    def _execute(self):
        code = bytes(self._line)
        self._line.clear()
        self.executed.append(code.decode())
        if self._process is None:
            self._process = subprocess.Popen(
                [executable(), SNIPPETS],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=self.folder,
                bufsize=0,
                env={"MICROPYPATH": ".frozen"},
            )
        self._process.stdin.write(b"%08d" % len(code) + code)
        ends = 0
        while ends < 2:
            data = self._process.stdout.read(1)
            assert data, "the snippet has ended MicroPython"
            ends += data == b"\4"
            self._send(data)
        self._send(b">")

    def _end_snippets(self):
        if self._process is not None:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait(TIMEOUT)
            self._process = None
