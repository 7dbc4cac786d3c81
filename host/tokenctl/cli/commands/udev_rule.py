"""tokenctl udev-rule: what lets this computer's user at a board, on Linux."""

import click

from tokenctl.cli import terminal
from tokenctl.cli.session import Session, global_options
from tokenctl.device.usb_chips import INSTALL, udev_rule


@click.command(
    "udev-rule",
    help=f"""Print a udev rule for the USB chips that ESP32 boards have.

    With it whoever sits at the computer may use such a board, and ModemManager, which
    tries each new serial port, leaves it alone. To install it:

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
