"""The command `tokensim`: runs a simulated token, and drives it from another process."""

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from otpcore.version import VERSION
from tokenctl.cli.board_argument import BOARD
from tokenctl.payload import firmware_folder
from tokensim import photograph, picture, play_command
from tokensim.board import RTCS, OtherClockChip
from tokensim.compiled import lay_development
from tokensim.control import ControlError, ControlServer, send
from tokensim.faults import FAULTS
from tokensim.interpreter import DEVELOPMENT_HEAP, NoInterpreter, executable
from tokensim.link import Endpoint, PtyLink, TcpLink
from tokensim.printed import as_printed
from tokensim.repl import Repl
from tokensim.terminal import NoTerminal, Terminal
from tokensim.token import SimulatedToken
from tokensim.tui import Tui
from tokensim.wiring import PANELS, BadDefinition, OtherBoard, read

FILES = "files"  # in the folder of the state: a development build's file system
_SETTLE = 0.2  # seconds until the screen shows what a press did
_POLL = 0.2  # seconds
_CENTURY = 3_155_760_000  # seconds: the range of the clock chip
_PPM_MAX = 10_000

state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    envvar="TOKENSIM_STATE",
    show_envvar=True,
    help="The folder that holds the token's flash and clock.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="tokensim")
def cli() -> None:
    """A token without hardware: the real firmware on a simulated board.

    Start one with `tokensim run`; the other commands control it from another
    terminal, while tokenctl talks to its port.
    """


@cli.command(short_help="Start a token.")
@state_option
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
def run(
    state: Path,
    link: Path | None,
    tcp: int | None,
    development: bool,
    panel: str | None,
    board: Path | None,
    rtc: str | None,
    tui: bool,
) -> None:
    """Start the token in the folder --state, or a new one if it is empty; run it until Ctrl-C.

    Its serial port is a pseudo-terminal or, with --tcp, a TCP port on this
    computer. The value for `tokenctl --port` is printed on standard output; with --tui
    it is on the screen, q quits, and a window smaller than 130x37 gets smaller pixels.
    The folder remembers the board.

    With --development, the board's files are in the folder's files/, as they would be on a
    board: Ctrl-C at the port leads to a REPL, for mpremote and make deploy.
    """
    definition = None if board is None else read(board)
    if link is not None and tcp is not None:
        raise click.UsageError("--link and --tcp cannot be combined")
    if link is not None and (link.exists() or link.is_symlink()) and not _is_terminal_link(link):
        raise click.UsageError(f"{link} exists, and is not a link to a pseudo-terminal")
    executable()
    terminal = _terminal() if tui else None
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    _make(state)
    with ControlServer(state) as control:
        endpoint = _endpoint(link, tcp)
        options: dict[str, Any] = {"panel": panel, "definition": definition, "rtc": rtc}
        if development:
            files = state / FILES
            lay_development(firmware_folder(), files)
            options |= {"firmware": files, "repl": Repl(files), "heap": DEVELOPMENT_HEAP}
        with _token(state, endpoint, options) as token:
            control.serve(token)
            if terminal is not None:
                Tui(token, terminal, endpoint.name).run(
                    lambda: stop.is_set() or token.failure is not None
                )
            else:
                click.echo(
                    "The token is running; press Ctrl-C to stop it. To talk to it:", err=True
                )
                click.echo(f"  tokenctl --port {endpoint.name} status", err=True)
                click.echo(endpoint.name)
                while token.failure is None and not stop.wait(_POLL):
                    pass
            if token.failure is not None:
                raise ControlError(f"the simulator failed: {token.failure}")


def _make(state: Path) -> None:
    """Make the folder of a state, if there is none, with nothing in it that git picks up."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not any(state.iterdir()):
        (state / ".gitignore").write_text("*\n")


def _token(state: Path, endpoint: Endpoint, options: dict[str, Any]) -> SimulatedToken:
    """Return the token in `state`, in real time; raise OtherBoard, ControlError."""
    try:
        return SimulatedToken(state, real_time=True, endpoint=endpoint, **options)
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


def _endpoint(link: Path | None, tcp: int | None) -> Endpoint:
    try:
        return TcpLink(tcp) if tcp is not None else PtyLink(link)
    except OSError as error:
        # Not error.strerror, to which Python adds a remark of its own.
        why = os.strerror(error.errno or 0).lower()
        raise ControlError(f"the port cannot be created: {why}") from None


second_option = click.option("--second", is_flag=True, help="The second button.")


@cli.command()
@state_option
@second_option
@click.option("--seconds", type=click.FloatRange(0.01, 60), default=0.25, show_default=True)
def press(state: Path, second: bool, seconds: float) -> None:
    """Press the button: wake the token, continue, answer yes."""
    _press(state, second, seconds)


@cli.command()
@state_option
@second_option
@click.option(
    "--seconds",
    type=click.FloatRange(0.01, 60),
    default=1.2,
    show_default=True,
    help="How long; 3.2 confirms a wipe.",
)
def hold(state: Path, second: bool, seconds: float) -> None:
    """Hold the button: HOTP code, answer no, enter a digit."""
    _press(state, second, seconds)


def _press(state: Path, second: bool, seconds: float) -> None:
    send(state, {"do": "press", "seconds": seconds, "second": second})
    time.sleep(seconds + _SETTLE)


scale_option = click.option(
    "--scale",
    type=click.IntRange(photograph.PLAIN, photograph.LARGEST),
    help="Image pixels per OLED pixel; 1 is plain black and white.  [4]",
)


@cli.command()
@state_option
@click.option(
    "--png", type=click.Path(dir_okay=False, path_type=Path), help="Save a picture to this file."
)
@scale_option
def screen(state: Path, png: Path | None, scale: int | None) -> None:
    """Print what the OLED shows, or save it as a picture."""
    if png is None:
        if scale is not None:
            raise click.UsageError("--scale requires --png")
        click.echo(as_printed(picture.from_text(send(state, {"do": "screen"}))), nl=False)
    else:
        scale = scale or photograph.USUAL
        send(state, {"do": "screen", "png": str(png.resolve()), "scale": scale})


@cli.command()
@state_option
@click.option(
    "--shift",
    type=click.FloatRange(-_CENTURY, _CENTURY),
    metavar="SECONDS",
    default=0.0,
    help="Shift the clock chip's time; negative values shift it back.",
)
@click.option(
    "--drift",
    type=click.FloatRange(-_PPM_MAX, _PPM_MAX),
    metavar="PPM",
    help="Make its crystal fast by this many parts per million; negative is slow.",
)
def clock(state: Path, shift: float, drift: float | None) -> None:
    """Show or shift the clock chip's time, or make its crystal drift."""
    answer = send(state, {"do": "clock", "shift": shift, "drift": drift})
    shown = datetime.fromtimestamp(answer["unix"], UTC).isoformat(" ", "milliseconds")
    ahead = answer["unix"] - answer["true"]
    click.echo(f"{shown}, {ahead:+.3f} s from this computer, crystal {answer['ppm']:+g} ppm")


@cli.command(short_help="Unplug the token, plug it in, or cut its power.")
@state_option
@click.argument("to", type=click.Choice(["off", "on", "cut"]))
@click.option("--no-battery", is_flag=True, help="With off: the clock chip's battery fails, too.")
@click.option(
    "--after",
    type=click.IntRange(min=1),
    help="With cut: at this flash operation from now. [1]",
)
@click.option("--torn", is_flag=True, help="With cut: leave the operation half done.")
def power(state: Path, to: str, no_battery: bool, after: int | None, torn: bool) -> None:
    """Unplug the token, plug it in, or cut the power during a later flash operation."""
    if no_battery and to != "off":
        raise click.UsageError("--no-battery requires off")
    if (after is not None or torn) and to != "cut":
        raise click.UsageError("--after and --torn require cut")
    order = {"battery": not no_battery, "after": after or 1, "torn": torn}
    send(state, {"do": "power", "to": to, **order})


@cli.command(short_help="Set the battery voltage, and whether there is USB power.")
@state_option
@click.option("--usb/--no-usb", default=None, help="Whether there is USB power.")
@click.option("--battery", type=click.IntRange(0, 5000), metavar="MV", help="Millivolts.")
def supply(state: Path, usb: bool | None, battery: int | None) -> None:
    """Set what a board senses of its supply: a definition with usb_power or a battery."""
    if usb is None and battery is None:
        raise click.UsageError("use --usb, --no-usb or --battery")
    send(state, {"do": "supply", "usb": usb, "battery": battery})


@cli.command(short_help="Have a part of the token fail.")
@state_option
@click.argument("name", type=click.Choice([*FAULTS]))
def fault(state: Path, name: str) -> None:
    """Have a part of the token fail, until it is stopped; tokenctl doctor should find it."""
    send(state, {"do": "fault", "fault": name})


cli.add_command(play_command.command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command; each failure is one sentence on standard error and an exit code."""
    try:
        result = cli(arguments, prog_name="tokensim", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except (ControlError, NoInterpreter, BadDefinition, OtherBoard, OSError) as error:
        text = str(error)
        click.echo(f"Error: {text[:1].upper()}{text[1:]}.", err=True)
        sys.exit(1)
