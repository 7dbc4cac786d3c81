"""The command `tokensim run`: a simulated token in real time."""

import os
import queue
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tokenctl.cli.board_argument import BOARD
from tokenctl.payload import firmware_folder
from tokensim.board.board import RTCS, OtherClockChip, Parts
from tokensim.board.wiring import PANELS, OtherBoard, read
from tokensim.commands import client
from tokensim.commands.terminal import NoTerminal, Terminal
from tokensim.commands.tui import Tui
from tokensim.control.control import ControlServer
from tokensim.link.link import Endpoint, PtyLink, TcpLink
from tokensim.link.rfc2217 import Rfc2217Link
from tokensim.port.compiled import lay_development
from tokensim.port.repl import Repl
from tokensim.port.runtime import Runtime
from tokensim.port.unix_port import executable
from tokensim.refusal import ControlError
from tokensim.token import SimulatedToken

FILES = "files"  # in the folder of the state: a development build's file system
_POLL = 0.2  # seconds


@click.command(short_help="Start a token.")
@client.state_option
@click.option(
    "--link",
    type=click.Path(path_type=Path),
    help="Create a link to the pseudo-terminal at this path.",
)
@click.option(
    "--tcp",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="Listen on this TCP port instead; 0 selects a free one.",
)
@click.option(
    "--rfc2217",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="The same with DTR and RTS: tokenctl flash and harden reach the chip's loader.",
)
@click.option(
    "--development",
    is_flag=True,
    help="Run a development build: Ctrl-C on its port stops the firmware.",
)
@click.option(
    "--panel",
    type=click.Choice([*PANELS]),
    help="A new token's OLED: 128x64, or 128x32 with -32. [ssd1306]",
)
@click.option(
    "--board",
    metavar="FILE|NAME",
    type=BOARD,
    help="A new token's board definition (JSON), as for tokenctl flash.",
)
@click.option("--rtc", type=click.Choice([*RTCS]), help="A new token's clock chip.  [ds3231]")
@click.option("--tui", is_flag=True, help="Show it in this terminal, with keys as its buttons.")
def run(state: Path, **values: Any) -> None:
    """Start the token in the folder --state, or a new one if it is empty; run it until Ctrl-C.

    Its serial port is a pseudo-terminal or, with --tcp or --rfc2217, a TCP port on this
    computer. The value for `tokenctl --port` is printed on standard output; with --tui
    it is on the screen, q quits, and a window smaller than 130x37 gets smaller pixels.
    The folder remembers the board, with its flash and its burnt eFuses.

    With --rfc2217, tokenctl flash, verify and harden, esptool and espefuse work at the port, and
    an eFuse that you burn is a line in a file. What then starts is always the firmware of this
    installation, if the flash has that version; its machine code there is not run. A new board
    runs it although its flash is blank, so that tokenctl flash finds no firmware there.

    With --development, the board's files are in the folder's files/, as they would be on a
    board: Ctrl-C at the port leads to a REPL, for mpremote and make deploy.
    """
    options = _Options(**values)
    made = options.made(state)
    options.check_link()
    executable()
    terminal = _terminal() if options.tui else None
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop.ask)
    _make(state)
    with ControlServer(state) as control:
        endpoint = _endpoint(options)
        if options.development:
            lay_development(firmware_folder(), state / FILES)
        with _token(state, endpoint, made) as token:
            control.serve(token)
            if terminal is None:
                _wait(token, endpoint, stop)
            else:
                Tui(token, terminal, endpoint.name).run(
                    lambda: stop.asked() or token.failure is not None
                )
            if token.failure is not None:
                raise ControlError(f"the simulator failed: {token.failure}")


@dataclass(frozen=True)
class _Options:
    """The options of `run`, without the folder."""

    link: Path | None
    tcp: int | None
    rfc2217: int | None
    development: bool
    panel: str | None
    board: Path | None
    rtc: str | None
    tui: bool

    def made(self, state: Path) -> dict[str, Any]:
        """Return the keyword arguments for SimulatedToken; raise BadDefinition."""
        definition = None if self.board is None else read(self.board)
        made: dict[str, Any] = {"parts": Parts(definition, self.panel, self.rtc)}
        if self.development:
            files = state / FILES
            made["runtime"] = Runtime(files, repl=Repl(files))
        return made

    def check_link(self) -> None:
        """Raise UsageError if the symbolic link cannot be made, or does not apply."""
        link = self.link
        given = [link is not None, self.tcp is not None, self.rfc2217 is not None]
        if sum(given) > 1:
            raise click.UsageError("--link, --tcp and --rfc2217 cannot be combined")
        if self.rfc2217 is not None and self.development:
            raise click.UsageError("--development runs files, and has no loader for --rfc2217")
        if link is None or _is_terminal_link(link):
            return
        if link.exists() or link.is_symlink():
            raise click.UsageError(f"{link} exists, and is not a link to a pseudo-terminal")


class Stop:
    """Whether somebody asked for the end, as by Ctrl-C.

    The signal may come in the midst of asked(). A handler that calls threading.Event.set() then
    waits for ever for the lock that Event.wait() holds; SimpleQueue.put() waits for none.
    """

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[int] = queue.SimpleQueue()

    def ask(self, number: int, _: object) -> None:
        """Ask for it: a handler of signals."""
        self._asked.put(number)

    def asked(self, seconds: float = 0) -> bool:
        """Return whether it was asked for; wait so long for that."""
        try:
            self._asked.put(self._asked.get(timeout=seconds))  # once asked for, it stays so
        except queue.Empty:
            return False
        return True


def _wait(token: SimulatedToken, endpoint: Endpoint, stop: Stop) -> None:
    """Print the token's port, and let it run until `stop` is asked for or it fails."""
    click.echo("The token is running; press Ctrl-C to stop it. To talk to it:", err=True)
    click.echo(f"  tokenctl --port {endpoint.name} status", err=True)
    click.echo(endpoint.name)
    said = None
    while token.failure is None and not stop.asked(_POLL):
        if token.obstacle not in (None, said):
            click.echo(f"Warning: {token.obstacle}.", err=True)
        said = token.obstacle


def _make(state: Path) -> None:
    """Create the folder of a state, if it is missing, with a .gitignore."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not any(state.iterdir()):
        (state / ".gitignore").write_text("*\n")


def _token(state: Path, endpoint: Endpoint, options: dict[str, Any]) -> SimulatedToken:
    """Return the token in `state`, running in real time; raise OtherBoard, ControlError."""
    try:
        return SimulatedToken(state, endpoint=endpoint, **options)
    except OtherBoard:
        endpoint.close()
        raise
    except OtherClockChip as error:
        endpoint.close()
        raise ControlError(f"{error}; use an empty folder for a new token") from None
    except (ValueError, KeyError):
        endpoint.close()
        raise ControlError(
            f"what {state} holds is damaged, or is not the state of a token"
        ) from None


def _terminal() -> Terminal:
    try:
        return Terminal()
    except NoTerminal as error:
        raise click.UsageError(f"{error}.") from None


def _is_terminal_link(path: Path) -> bool:
    return path.is_symlink() and os.readlink(path).startswith("/dev/")


def _endpoint(options: _Options) -> Endpoint:
    try:
        if options.rfc2217 is not None:
            return Rfc2217Link(options.rfc2217)
        return PtyLink(options.link) if options.tcp is None else TcpLink(options.tcp)
    except OSError as error:
        # Not error.strerror, to which Python adds a remark of its own.
        why = os.strerror(error.errno or 0).lower()
        raise ControlError(f"the port cannot be created: {why}") from None
