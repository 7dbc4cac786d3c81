"""The commands of tokensim that control a token that runs already, in another process."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from tokensim.control.orders import send
from tokensim.view import picture

_SETTLE = 0.2  # seconds until the screen shows what a press did
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


second_option = click.option("--second", is_flag=True, help="The second button.")


def _seconds_option(
    usual: float, text: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option that says for how long a button is down."""
    return click.option(
        "--seconds",
        type=click.FloatRange(0.01, 60),
        metavar="SECONDS",
        default=usual,
        show_default=True,
        help=text,
    )


@click.command()
@state_option
@second_option
@_seconds_option(0.25, "How long.")
def press(state: Path, second: bool, seconds: float) -> None:
    """Press the button: wake the token, continue, answer yes."""
    _press(state, second, seconds)


@click.command()
@state_option
@second_option
@_seconds_option(1.2, "How long; 3.2 confirms a wipe.")
def hold(state: Path, second: bool, seconds: float) -> None:
    """Hold the button: next code, answer no, choose, enter a digit."""
    _press(state, second, seconds)


def _press(state: Path, second: bool, seconds: float) -> None:
    send(state, {"do": "press", "seconds": seconds, "second": second})
    time.sleep(seconds + _SETTLE)


scale_option = click.option(
    "--scale",
    type=click.IntRange(picture.PLAIN, picture.LARGEST),
    metavar="FACTOR",
    help="Image pixels per OLED pixel; 1 is plain black and white.  [4]",
)


@click.command()
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
        click.echo(picture.as_printed(picture.from_text(send(state, {"do": "screen"}))), nl=False)
    else:
        scale = scale or picture.USUAL
        send(state, {"do": "screen", "png": str(png.resolve()), "scale": scale})


@click.command()
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


@click.command(short_help="Unplug the token, plug it in, or cut its power.")
@state_option
@click.argument("to", type=click.Choice(["off", "on", "cut"]))
@click.option("--no-battery", is_flag=True, help="With off: the clock chip's battery fails, too.")
@click.option(
    "--after",
    type=click.IntRange(min=1),
    metavar="COUNT",
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


@click.command(short_help="Set the battery voltage, and whether there is USB power.")
@state_option
@click.option("--usb/--no-usb", default=None, help="Whether there is USB power.")
@click.option("--battery", type=click.IntRange(0, 5000), metavar="MV", help="Millivolts.")
def supply(state: Path, usb: bool | None, battery: int | None) -> None:
    """Set what a board senses of its supply: a definition with usb_power or a battery."""
    if usb is None and battery is None:
        raise click.UsageError("use --usb, --no-usb or --battery")
    send(state, {"do": "supply", "usb": usb, "battery": battery})
