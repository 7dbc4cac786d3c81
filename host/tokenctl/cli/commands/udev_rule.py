"""tokenctl udev-rule: gives this computer's user access to boards, on Linux."""

import click

from tokenctl.cli import terminal
from tokenctl.cli.global_options import global_options
from tokenctl.cli.session import Session
from tokenctl.device.usb_chips import INSTALL, udev_rule


@click.command(
    "udev-rule",
    help=f"""Print a udev rule for the USB chips of ESP32 boards.

    It lets whoever is logged in at the computer use such a board, and keeps ModemManager,
    which probes each new serial port, away from it. To install it:

    \b
    {INSTALL.replace(" && ", " &&" + chr(10) + "      ")}

    Then plug the board in again.
    """,
)
@global_options
@click.pass_obj
def print_udev_rule(session: Session) -> None:
    """Print the rule."""
    if session.json:
        session.output.data({"rule": udev_rule()})
    else:
        terminal.lines(udev_rule().splitlines())
