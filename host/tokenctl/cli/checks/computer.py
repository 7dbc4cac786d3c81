"""This computer, if no token answers: its ports, their permissions, and what is in the way."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenctl.cli.checks import timing
from tokenctl.cli.checks.finding import FAIL, OK, SKIPPED, WARN, Finding
from tokenctl.clock import computer
from tokenctl.device import port_advice, ports
from tokenctl.device.usb_chips import RULE_FILE, USB_CHIPS
from tokenctl.errors import PortError
from tokenctl.language import _, plural

_USB = Path("/sys/bus/usb/devices")


def examined(error: PortError, port: str | None) -> Iterator[Finding]:
    """Yield findings about this computer; `error` says why no token is at `port`, or at any."""
    # What ports.find() raises lists the ports, which are listed below.
    text = str(error).partition(";")[0] if port is None else str(error)
    if port is None:
        advice = _("see below, or give its port with --port")
    else:
        advice = _("see below; without --port, tokenctl looks for the token")
    yield Finding("token", FAIL, text, advice)
    found = ports.serial_ports()
    boards = [each for each in found if each.is_board]
    yield _ports(found, boards)
    yield _permissions(boards)
    yield _modem_manager()
    yield _driver()
    yield timing.computer(computer.read())


def _ports(found: list[ports.Port], boards: list[ports.Port]) -> Finding:
    values = {"ports": [each.device for each in found], "boards": [each.device for each in boards]}
    if boards:
        names = ", ".join(each.named for each in boards)
        text = plural("board at {names}", "boards at {names}", len(boards)).format(names=names)
        return Finding("ports", OK, text, "", values)
    if found:
        names = ", ".join(each.named for each in found)
        text = _("none belongs to a board: {names}").format(names=names)
    else:
        text = _("this computer has no serial port")
    return Finding(
        "ports", FAIL, text, f"{port_advice.no_board()}. {_(port_advice.ASLEEP)}", values
    )


def _permissions(boards: list[ports.Port]) -> Finding:
    if not boards:
        return Finding("permissions", SKIPPED, _("not checked: no port belongs to a board"))
    closed = [each.device for each in boards if not os.access(each.device, os.R_OK | os.W_OK)]
    if closed and sys.platform != "win32":
        advice = port_advice.not_allowed(closed[0])
        text = _("this user has no permission to open {port}").format(port=closed[0])
        return Finding("permissions", FAIL, text, advice, {"closed": closed})
    return Finding(
        "permissions", OK, _("this user has permission to open them"), "", {"closed": []}
    )


def _modem_manager() -> Finding:
    process = port_advice.modem_manager()
    rule = Path(RULE_FILE).exists()
    values = {"running": process is not None, "rule": rule}
    if process is None:
        return Finding("modem_manager", OK, _("not running"), "", values)
    if rule:
        return Finding("modem_manager", OK, _("running, but it leaves boards alone"), "", values)
    text = _("running, and it probes each new port for half a minute")
    return Finding("modem_manager", WARN, text, _("tokenctl udev-rule keeps it away"), values)


def _driver() -> Finding:
    """Return whether a board's USB chip is plugged in but has no port."""
    if not sys.platform.startswith("linux") or not _USB.is_dir():
        return Finding("usb_driver", SKIPPED, _("this system does not report it"))
    without = sorted(_chips_without_port(_USB))
    if without:
        names = ", ".join(without)
        text = _("plugged in, but without a port: {names}").format(names=names)
        return Finding("usb_driver", FAIL, text, port_advice.no_board(), {"chips": without})
    return Finding("usb_driver", OK, _("every USB chip of a board has a port"), "", {"chips": []})


def _chips_without_port(usb: Path) -> Iterator[str]:
    for device in usb.glob("*"):
        try:
            vendor = int((device / "idVendor").read_text(), 16)
            product = int((device / "idProduct").read_text(), 16)
        except (OSError, ValueError):
            continue
        for chips in USB_CHIPS:
            meant = vendor == chips.vendor and (not chips.products or product in chips.products)
            if meant and not any(device.glob("*:*/tty*")):
                yield chips.name
