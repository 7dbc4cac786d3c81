"""The installed commands as processes, in real time: `tokensim run`, and tokenctl on its port."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tokensim.orders import send

BIN = Path(sys.executable).parent
HOLD_SECONDS = 3.4  # says yes to a wipe
TIMEOUT = 30  # seconds


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

    def screen(self) -> str:
        """Return what its OLED shows."""
        return send(self.state, {"do": "screen"})


@contextmanager
def running(state: Path, *options: str) -> Iterator[Running]:
    """Run `tokensim run`; end it as Ctrl-C does, and see that it ends well."""
    process = start("tokensim", "run", "--state", str(state), *options)
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
    """Start a command. Ctrl-C reaches it even where the tests run in the background."""
    return subprocess.Popen(
        [BIN / command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        preexec_fn=_heeds_ctrl_c,  # noqa: PLW1509
    )


def _heeds_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a command."""
    out, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, out, err


def run(command: str, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run a command to its end."""
    return finish(start(command, *arguments, **environment))


def asked(process: "subprocess.Popen[str]") -> None:
    """Return when the command has said that the token asks.

    A token that gets no processor for seconds is said to be "not answering": that is no question.
    """
    assert process.stderr is not None
    for line in process.stderr:
        if "Look at the token" in line and "not answering" not in line:
            return
    raise AssertionError("the token was never asked")


class Terminal:
    """tokenctl at a terminal: its keyboard and standard error; standard output is a pipe.

    A context manager that ends the command if it still runs. `program` is Python that
    takes the arguments in tokenctl's place; `columns` are so many that no sentence is broken.
    """

    def __init__(
        self, *arguments: str, terminal: str = "dumb", program: str = "", columns: int = 500
    ) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, columns))
        command = [sys.executable, "-c", program] if program else [BIN / "tokenctl"]
        self._process = subprocess.Popen(
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
        self._process.kill()
        self._process.communicate()
        os.close(self._master)

    def until(self, text: str) -> None:
        """Return when the terminal shows `text`, behind what was waited for before."""
        while (place := self.shown.find(text, self._waited)) < 0:
            assert self._read(TIMEOUT), self.shown
        self._waited = place + len(text)

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
