"""The command `tokensim`: runs a simulated token, and drives it from another process."""

import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from otpcore.version import VERSION
from tokensim.control import ControlError, ControlServer, send
from tokensim.interpreter import NoInterpreter
from tokensim.link import PtyLink, TcpLink
from tokensim.token import SimulatedToken

_SETTLE = 0.2  # seconds until the screen shows what a press did

state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    envvar="TOKENSIM_STATE",
    show_envvar=True,
    help="The folder that holds the token's flash and clock.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION)
def cli() -> None:
    """A token with no hardware: the real firmware on a simulated board."""


@cli.command()
@state_option
@click.option(
    "--link", type=click.Path(path_type=Path), help="Make a link to the pseudo-terminal here."
)
@click.option("--tcp", type=click.IntRange(0, 65535), help="Listen on this TCP port instead.")
def run(state: Path, link: Path | None, tcp: int | None) -> None:
    """Start a token, and run it until Ctrl-C.

    Its port is a pseudo-terminal, or with --tcp a TCP port of this machine.
    """
    if link is not None and tcp is not None:
        raise click.UsageError("--link and --tcp exclude each other")
    if link is not None and link.exists() and not link.is_symlink():
        raise click.UsageError(f"{link} exists and is no link")
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        endpoint = TcpLink(tcp) if tcp is not None else PtyLink(link)
    except OSError as error:
        raise ControlError(f"the port cannot be made: {error.strerror}") from None
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    token = SimulatedToken(state, real_time=True, endpoint=endpoint)
    with ControlServer(token, state), token:
        click.echo(f"A token runs. Its port: {endpoint.name}", err=True)
        click.echo(endpoint.name)
        sys.stdout.flush()
        while not stop.wait(0.2):
            if token.failure is not None:
                raise ControlError(f"the simulator failed: {token.failure}")


@cli.command()
@state_option
@click.option("--seconds", default=0.1, show_default=True, help="How long.")
def press(state: Path, seconds: float) -> None:
    """Press the button."""
    send(state, {"do": "press", "seconds": seconds})
    time.sleep(seconds + _SETTLE)


@cli.command()
@state_option
@click.option("--seconds", default=1.2, show_default=True, help="How long; 3.2 to wipe.")
def hold(state: Path, seconds: float) -> None:
    """Hold the button."""
    send(state, {"do": "press", "seconds": seconds})
    time.sleep(seconds + _SETTLE)


@cli.command()
@state_option
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Write a picture.")
def screen(state: Path, png: Path | None) -> None:
    """Print what the OLED shows, or write it as a picture."""
    if png is None:
        click.echo(send(state, {"do": "screen"}))
    else:
        send(state, {"do": "screen", "png": str(png.resolve())})


@cli.command()
@state_option
@click.option("--shift", type=float, default=0.0, help="Move the clock chip's time, in seconds.")
@click.option("--drift", type=float, help="Make its crystal fast by so many ppm; slow below 0.")
def clock(state: Path, shift: float, drift: float | None) -> None:
    """Show the clock chip's time; shift it, or make its crystal drift."""
    answer = send(state, {"do": "clock", "shift": shift, "drift": drift})
    shown = datetime.fromtimestamp(answer["unix"], UTC).isoformat(" ", "milliseconds")
    ahead = answer["unix"] - answer["true"]
    click.echo(f"{shown}, {ahead:+.3f} s from this computer, crystal {answer['ppm']:+g} ppm")


@cli.command()
@state_option
@click.argument("to", type=click.Choice(["off", "on", "cut"]))
@click.option("--no-battery", is_flag=True, help="off: the clock chip's cell dies too.")
@click.option("--after", default=1, show_default=True, help="cut: at which flash operation.")
@click.option("--torn", is_flag=True, help="cut: the operation is half done.")
def power(state: Path, to: str, no_battery: bool, after: int, torn: bool) -> None:
    """Unplug the token, plug it in, or cut the power in the middle of a flash operation to come."""
    order = {"do": "power", "to": to, "battery": not no_battery, "after": after, "torn": torn}
    send(state, order)


def main() -> None:
    """Run the command; each failure is one sentence on standard error."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except (ControlError, NoInterpreter, ValueError, TimeoutError) as error:
        click.echo(f"tokensim: {error}", err=True)
        sys.exit(1)
