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
from tokensim import photograph, play_command
from tokensim.board import RTCS, OtherClockChip
from tokensim.compiled import lay_development
from tokensim.control import ControlError, ControlServer, send
from tokensim.interpreter import NoInterpreter, executable
from tokensim.link import Endpoint, PtyLink, TcpLink
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
    """A token with no hardware: the real firmware on a simulated board.

    Start one with `tokensim run`; the other commands drive it from another
    terminal, while tokenctl talks to its port.
    """


@cli.command(short_help="Start a token.")
@state_option
@click.option(
    "--link", type=click.Path(path_type=Path), help="Make a link to the pseudo-terminal here."
)
@click.option(
    "--tcp",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="Listen on this TCP port instead; 0 takes a free one.",
)
@click.option(
    "--development",
    is_flag=True,
    help="As a development build: Ctrl-C at its port ends the firmware.",
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
    help="A new token's board definition (JSON), as tokenctl flash takes it.",
)
@click.option("--rtc", type=click.Choice([*RTCS]), help="A new token's clock chip.  [ds3231]")
@click.option("--tui", is_flag=True, help="Show it in this terminal; keys are its buttons.")
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
    """Start the token in the folder --state, a new one if it is empty; run it until Ctrl-C.

    Its serial port is a pseudo-terminal, or with --tcp a TCP port of this
    machine. What `tokenctl --port` takes is printed on standard output; with --tui it
    is on the screen, q ends it, and a smaller window than 130x37 gets smaller pixels.
    The folder keeps what board it is.

    With --development its files lie in the folder's files/, as they would on a board: Ctrl-C at
    the port leads to a REPL, for mpremote and make deploy.
    """
    definition = None if board is None else read(board)
    if link is not None and tcp is not None:
        raise click.UsageError("--link and --tcp exclude each other")
    if link is not None and (link.exists() or link.is_symlink()) and not _is_terminal_link(link):
        raise click.UsageError(f"{link} exists, and is no link to a pseudo-terminal")
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
            options |= {"firmware": files, "repl": Repl(files)}
        with _token(state, endpoint, options) as token:
            control.serve(token)
            if terminal is not None:
                Tui(token, terminal, endpoint.name).run(
                    lambda: stop.is_set() or token.failure is not None
                )
            else:
                click.echo("A token runs; Ctrl-C ends it. In another terminal:", err=True)
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
        raise ControlError(f"{error}; take an empty folder for a new token") from None
    except (ValueError, KeyError):
        endpoint.close()
        raise ControlError(f"what {state} holds is damaged, or no token's state") from None


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
        raise ControlError(f"the port cannot be made: {why}") from None


second_option = click.option("--second", is_flag=True, help="The second button.")


@cli.command()
@state_option
@second_option
@click.option("--seconds", type=click.FloatRange(0.01, 60), default=0.25, show_default=True)
def press(state: Path, second: bool, seconds: float) -> None:
    """Press the button: wakes the token, goes on, says yes."""
    _press(state, second, seconds)


@cli.command()
@state_option
@second_option
@click.option(
    "--seconds",
    type=click.FloatRange(0.01, 60),
    default=1.2,
    show_default=True,
    help="How long; 3.2 says yes to a wipe.",
)
def hold(state: Path, second: bool, seconds: float) -> None:
    """Hold the button: an HOTP code, a no, a digit taken."""
    _press(state, second, seconds)


def _press(state: Path, second: bool, seconds: float) -> None:
    send(state, {"do": "press", "seconds": seconds, "second": second})
    time.sleep(seconds + _SETTLE)


scale_option = click.option(
    "--scale",
    type=click.IntRange(photograph.PLAIN, photograph.LARGEST),
    help="Image pixels to a pixel of the OLED; 1 is plain black and white.  [4]",
)


@cli.command()
@state_option
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Write a picture.")
@scale_option
def screen(state: Path, png: Path | None, scale: int | None) -> None:
    """Print what the OLED shows, or write it as a picture."""
    if png is None:
        if scale is not None:
            raise click.UsageError("--scale goes with --png")
        click.echo(send(state, {"do": "screen"}))
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
    help="Move the clock chip's time; back with a minus.",
)
@click.option(
    "--drift",
    type=click.FloatRange(-_PPM_MAX, _PPM_MAX),
    metavar="PPM",
    help="Make its crystal fast by so many millionths; slow with a minus.",
)
def clock(state: Path, shift: float, drift: float | None) -> None:
    """Show the clock chip's time; shift it, or make its crystal drift."""
    answer = send(state, {"do": "clock", "shift": shift, "drift": drift})
    shown = datetime.fromtimestamp(answer["unix"], UTC).isoformat(" ", "milliseconds")
    ahead = answer["unix"] - answer["true"]
    click.echo(f"{shown}, {ahead:+.3f} s from this computer, crystal {answer['ppm']:+g} ppm")


@cli.command(short_help="Unplug the token, plug it in, or cut its power.")
@state_option
@click.argument("to", type=click.Choice(["off", "on", "cut"]))
@click.option("--no-battery", is_flag=True, help="With off: the clock chip's cell dies too.")
@click.option(
    "--after",
    type=click.IntRange(min=1),
    help="With cut: at which flash operation from now on. [1]",
)
@click.option("--torn", is_flag=True, help="With cut: the operation is left half done.")
def power(state: Path, to: str, no_battery: bool, after: int | None, torn: bool) -> None:
    """Unplug the token, plug it in, or cut the power in a flash operation to come."""
    if no_battery and to != "off":
        raise click.UsageError("--no-battery goes with off")
    if (after is not None or torn) and to != "cut":
        raise click.UsageError("--after and --torn go with cut")
    order = {"battery": not no_battery, "after": after or 1, "torn": torn}
    send(state, {"do": "power", "to": to, **order})


@cli.command(short_help="Set the battery's voltage, and whether USB gives power.")
@state_option
@click.option("--usb/--no-usb", default=None, help="Whether USB gives power.")
@click.option("--battery", type=click.IntRange(0, 5000), metavar="MV", help="Millivolts.")
def supply(state: Path, usb: bool | None, battery: int | None) -> None:
    """Set what a board senses of its supply: a definition with usb_power or a battery."""
    if usb is None and battery is None:
        raise click.UsageError("say --usb, --no-usb or --battery")
    send(state, {"do": "supply", "usb": usb, "battery": battery})


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
