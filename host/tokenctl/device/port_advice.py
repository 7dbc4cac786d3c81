"""What to do about a port that cannot be used, on the system that this is.

Each function returns what goes into an error, without its full stop. What the system
does not tell is left out; nothing is opened or changed.
"""

import os
import platform
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from serial.tools import list_ports

from tokenctl.device.usb_chips import ESPRESSIF, INSTALL

# Where the USB port is the chip's own (S2, S3, C3): asleep it has none.
ASLEEP = "A token that sleeps may have no port: press its button"
_PROC = Path("/proc")
_MODEM_MANAGER = "ModemManager"
_BRLTTY = "brltty"
_RULE = f"`{INSTALL}`"


def in_use(port: str, proc: Path = _PROC) -> str:
    """Return that another program has the port: which one, as far as the system tells."""
    for name, process in _holders(port, proc):
        if name != _MODEM_MANAGER:
            return f"the port {port} is in use by {name} (process {process})"
        return f"the port {port} is in use by {_keep_away(process)}"
    for name, process in _processes(proc):
        if name == _MODEM_MANAGER:  # it is root's, and what root has open nobody else sees
            return f"the port {port} is in use by another program, perhaps {_keep_away(process)}"
    return f"the port {port} is in use by another program"


def modem_manager(proc: Path = _PROC) -> int | None:
    """Return the number of ModemManager's process, None if it does not run."""
    found = [process for name, process in _processes(proc) if name == _MODEM_MANAGER]
    return found[0] if found else None


def _keep_away(process: int) -> str:
    return (
        f"{_MODEM_MANAGER} (process {process}), which tries each new port for half a minute; "
        f"this keeps it away for good: {_RULE}"
    )


def not_allowed(port: str) -> str:
    """Return that this user may not open the port, and how to get to."""
    sentence = f"this user may not open {port}"
    if not sys.platform.startswith("linux"):
        return sentence
    group = _group(port)
    rule = f"run {_RULE} and plug the board in again"
    if group is None:
        return f"{sentence}: {rule}"
    user = _user()
    if _is_member(user, group):
        return f"{sentence}: {user} joined the group {group} after logging in, so log in again"
    return f"{sentence}: run `sudo usermod -aG {group} {user}` and log in again, or {rule}"


def no_board(proc: Path = _PROC) -> str:
    """Return why there can be no port of a board here, and what to do about it."""
    if sys.platform == "win32":
        return (
            "Is the cable one with data lines? Or else the driver of the board's USB chip is "
            "missing: CP210x from Silicon Labs, CH34x from WCH, as is printed on the chip"
        )
    if sys.platform == "darwin":
        return (
            "Is the cable one with data lines? An older macOS wants the driver of the board's USB "
            "chip besides: CP210x from Silicon Labs, CH34x from WCH"
        )
    if "microsoft" in platform.release().lower():
        return (
            "WSL sees none of Windows' USB by itself. In a terminal of Windows, `usbipd list` "
            "shows the board's BUSID, then `usbipd bind --busid BUSID` (once, as administrator) "
            "and `usbipd attach --wsl --busid BUSID`"
        )
    if any(name == _BRLTTY for name, _ in _processes(proc)):
        return (
            f"The program {_BRLTTY}, which is running, takes boards with a CH34x chip for Braille "
            "displays: without such a display, stop it, and plug the board in anew"
        )
    return "Is the board plugged in, with a cable that has data lines? Many only charge"


def no_loader(port: str) -> str:
    """Return how to get the board at this port into its loader."""
    if _has_own_usb(port):
        return (
            "unplug it, hold its button BOOT while you plug it in, and run this again; a cable "
            "that only charges does not do"
        )
    return (
        "hold its button BOOT, press EN (or plug it in) and run this again; a cable that only "
        "charges does not do"
    )


def _has_own_usb(port: str) -> bool:
    same = (port, os.path.realpath(port))
    return any(each.device in same and each.vid == ESPRESSIF for each in list_ports.comports())


def _processes(proc: Path) -> Iterator[tuple[str, int]]:
    """Yield name and number of the processes that the system shows, but not of this one."""
    for folder in sorted(proc.glob("[0-9]*")):
        if folder.name == str(os.getpid()):
            continue
        try:
            yield (folder / "comm").read_text(errors="replace").strip(), int(folder.name)
        except (OSError, ValueError):
            continue


def _holders(port: str, proc: Path) -> Iterator[tuple[str, int]]:
    """Yield name and number of the processes that have the port open, as far as is shown."""
    device = os.path.realpath(port)
    for name, process in _processes(proc):
        try:
            if any(os.readlink(each) == device for each in (proc / str(process) / "fd").iterdir()):
                yield name, process
        except OSError:  # it has ended, or is another user's
            continue


def _group(port: str) -> str | None:
    """Return the group whose members may use the device; None when there is none to join."""
    import grp

    try:
        about = os.stat(port)
        name = grp.getgrgid(about.st_gid).gr_name
    except (OSError, KeyError):
        return None
    may = about.st_mode & stat.S_IRGRP and about.st_mode & stat.S_IWGRP
    return name if may and about.st_gid != 0 else None


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return "$USER"


def _is_member(user: str, group: str) -> bool:
    import grp

    return user in grp.getgrnam(group).gr_mem
