"""The installed commands as processes, in real time: `tokensim run`, and tokenctl on its port."""

import functools
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from support.prepared import Command

from tokenctl.payload import firmware_folder
from tokenctl.release.sources import MAIN
from tokensim.control.orders import send
from tokensim.port import compiled

BIN = Path(sys.executable).parent
HOLD_SECONDS = 4.5  # says yes to a wipe, after three, also where the firmware gets no processor
TIMEOUT = 100  # seconds
_NOTICE = "Look at the token"
# Notices that are no question: to a token that gets no processor for seconds, or is in use.
_NO_QUESTION = "not answering", "somebody is using it"
_IN_USE = "its button was in use"  # a press then acknowledges the question, and answers nothing
_started: "list[subprocess.Popen[str]]" = []


@dataclass(frozen=True)
class Running:
    """A token that runs in the folder `state`; `port` is what tokenctl takes."""

    process: "subprocess.Popen[str]"
    state: Path
    port: str

    def press(self, seconds: float = 0.25) -> None:
        """Press its button."""
        send(self.state, {"do": "press", "seconds": seconds})
        time.sleep(seconds + 0.2)

    def answer(self, asked: Callable[[], str], seconds: float = 0.25) -> None:
        """Press its button for the question of which `asked()` waits for the notice."""
        self.acknowledge(asked)
        self.press(seconds)

    def acknowledge(self, asked: Callable[[], str]) -> None:
        """Wait for the notice of a question that a press will answer, by `asked()`."""
        while _IN_USE in asked():
            self.press()

    def agree(self, notice: str) -> None:
        """Do what a notice of the link asks for."""
        if notice in ("press", "acknowledge", "hold"):
            self.press(HOLD_SECONDS if notice == "hold" else 0.25)

    def screen(self) -> str:
        """Return what its OLED shows."""
        return send(self.state, {"do": "screen"})

    def shows_something_but(self, picture: str) -> bool:
        """Return whether its OLED shows, in time, another picture than this one."""
        end = time.monotonic() + TIMEOUT
        while (same := self.screen() == picture) and time.monotonic() < end:
            time.sleep(0.05)  # what it has said goes on the screen after that
        return not same


@functools.cache
def _build() -> None:
    """Build the firmware in this process, unless another worker does, so that tokensim need not."""
    with tempfile.TemporaryDirectory() as folder:
        compiled.lay(firmware_folder(), Path(folder), MAIN)


@contextmanager
def running(state: Path, *options: str, anew: bool = False) -> Iterator[Running]:
    """Run `tokensim run`, by start(); end it as Ctrl-C does, and see that it ends well."""
    _build()
    begin = start_anew if anew else start
    process = begin("tokensim", "run", "--state", str(state), *options)
    _started.remove(process)  # which ends below
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, process.communicate()
        yield Running(process, state, port)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
    assert process.returncode in (0, -signal.SIGKILL)


def start(command: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """Start a command, as a copy: see support/prepared.py.

    Ctrl-C reaches it even where the tests run in the background.
    """
    return _start(Command, command, *arguments, **environment)


def start_anew(command: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start a command as somebody's shell would."""
    return _start(subprocess.Popen, command, *arguments)


def _start(
    program: "type[subprocess.Popen[str]]", command: str, *arguments: str, **environment: str
) -> "subprocess.Popen[str]":
    process = program(
        [BIN / command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        preexec_fn=_heeds_ctrl_c,  # noqa: PLW1509
    )
    _started.append(process)
    return process


def end_what_was_left() -> None:
    """End the commands that a test, which has failed, left: else they go on asking the token."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            _end(process)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _end(process: "subprocess.Popen[Any]") -> None:
    """End a command as Ctrl-C does, so that it takes its question off the token."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _heeds_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a command."""
    out, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, out, err


def run(command: str, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run a command to its end."""
    return finish(start(command, *arguments, **environment))


def asked(process: "subprocess.Popen[str]") -> str:
    """Return the notice when the command has said that the token asks."""
    assert process.stderr is not None
    for line in process.stderr:
        if _NOTICE in line and not any(each in line for each in _NO_QUESTION):
            return line
    raise AssertionError("the token was never asked")


class Terminal:
    """tokenctl at a terminal: its keyboard and standard error; standard output is a pipe.

    A context manager that ends the command if it still runs. `program` is Python that
    takes the arguments in tokenctl's place; `columns` are so many that no sentence is broken. It is
    a copy unless `anew`: see support/prepared.py.
    """

    def __init__(
        self,
        *arguments: str,
        terminal: str = "dumb",
        program: str = "",
        columns: int = 500,
        anew: bool = False,
    ) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, columns))
        command = [sys.executable, "-c", program] if program else [BIN / "tokenctl"]
        self._process = (subprocess.Popen if anew else Command)(
            [*command, *arguments],
            stdin=slave,
            stdout=subprocess.PIPE,
            stderr=slave,
            env=os.environ | {"TERM": terminal},
            preexec_fn=_heeds_ctrl_c,  # noqa: PLW1509
        )
        os.close(slave)
        self.shown = ""
        self._waited = 0  # characters of `shown` that were waited for

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            _end(self._process)
        self._process.communicate()
        os.close(self._master)

    def until(self, text: str) -> None:
        """Return when the terminal shows `text`, behind what was waited for before."""
        while (place := self.shown.find(text, self._waited)) < 0:
            assert self._read(TIMEOUT), self.shown
        self._waited = place + len(text)

    def asked(self) -> str:
        """Return the notice when the terminal shows that the token asks."""
        while True:
            self.until(_NOTICE)
            begun = self._waited
            self.until("\n")
            notice = self.shown[begun : self._waited]
            if not any(each in notice for each in _NO_QUESTION):
                return notice

    def type(self, text: str) -> None:
        """Type at its keyboard."""
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        """Do what Ctrl-C does at a command's own terminal, where it is not read as a key."""
        self._process.send_signal(signal.SIGINT)

    def finish(self) -> tuple[int, str]:
        """Return exit code and standard output; `shown` has all that the terminal showed."""
        out, _ = self._process.communicate(timeout=TIMEOUT)
        while self._read(0.05):
            pass
        return self._process.returncode, out.decode()

    def _read(self, timeout: float) -> bool:
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 4096)
        except OSError:  # the other end is closed
            return False
        self.shown += data.decode()
        return bool(data)


def process_list() -> Sequence[str]:
    """Return the arguments of all processes, where the system shows them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found
