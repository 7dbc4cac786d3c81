"""What to do about a port that cannot be used, on this operating system.

Each function returns a clause for an error message, without a full stop. What the system does
not tell is left out; nothing is opened or changed.
"""

import os
import platform
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from serial.tools import list_ports

from tokenctl.device.usb_chips import ESPRESSIF, INSTALL
from tokenctl.language import _, marked

# Where the USB port is the chip's own (S2, S3, C3): asleep it has none.
ASLEEP = marked("A sleeping token may have no port: press its button")
_PROC = Path("/proc")
_MODEM_MANAGER = "ModemManager"
_BRLTTY = "brltty"
_SIMULATOR = "tokensim"
_RULE = f"`{INSTALL}`"


def in_use(port: str, proc: Path = _PROC) -> str:
    """Return a clause that another program uses the port, and which one if the system tells."""
    for name, process in _holders(port, proc):
        if name != _MODEM_MANAGER:
            return _("the port {port} is in use by {name} (process {process})").format(
                name=name, port=port, process=process
            )
        return _("the port {port} is in use by {keep_away}").format(
            keep_away=_keep_away(process), port=port
        )
    for name, process in _processes(proc):
        if name == _MODEM_MANAGER:  # root's: what root has open is not visible to others
            return _("the port {port} is in use by another program, perhaps {keep_away}").format(
                keep_away=_keep_away(process), port=port
            )
    return _("the port {port} is in use by another program").format(port=port)


def modem_manager(proc: Path = _PROC) -> int | None:
    """Return ModemManager's process id, None if it is not running."""
    found = [process for name, process in _processes(proc) if name == _MODEM_MANAGER]
    return found[0] if found else None


def _keep_away(process: int) -> str:
    return _(
        "{program} (process {process}), which probes each new port for half a "
        "minute; to keep it away permanently: {rule}"
    ).format(process=process, program=_MODEM_MANAGER, rule=_RULE)


def not_allowed(port: str) -> str:
    """Return a clause that this user may not open the port, and how to obtain permission."""
    sentence = _("you do not have permission to open {port}").format(port=port)
    if not sys.platform.startswith("linux"):
        return sentence
    group = _group(port)
    rule = _("run {rule} and plug the board in again").format(rule=_RULE)
    if group is None:
        return _("{sentence}: {rule}").format(rule=rule, sentence=sentence)
    user = _user()
    if _is_member(user, group):
        return _(
            "{sentence}: {user} joined the group {group} after logging in, so log in again"
        ).format(group=group, sentence=sentence, user=user)
    return _(
        "{sentence}: run `sudo usermod -aG {group} {user}` and log in again, or {rule}"
    ).format(group=group, rule=rule, sentence=sentence, user=user)


def no_board(proc: Path = _PROC) -> str:
    """Return why there is no port of a board here, and what to do about it."""
    if sys.platform == "win32":
        return _(
            "Does the cable have data lines? If it does, the driver for the board's "
            "USB chip is missing: CP210x from Silicon Labs or CH34x from WCH, as "
            "printed on the chip"
        )
    if sys.platform == "darwin":
        return _(
            "Does the cable have data lines? An older macOS also needs the driver "
            "for the board's USB chip: CP210x from Silicon Labs or CH34x from WCH"
        )
    if "microsoft" in platform.release().lower():
        return _(
            "WSL does not see Windows' USB devices by itself. In a Windows terminal, "
            "`usbipd list` shows the board's BUSID; then run `usbipd bind --busid "
            "BUSID` (once, as administrator) and `usbipd attach --wsl --busid BUSID`"
        )
    if any(name == _BRLTTY for name, _process in _processes(proc)):
        return _(
            "The program {brltty} is running and takes over boards with a CH34x "
            "chip, for Braille displays: if you have none, stop it and plug the "
            "board in again"
        ).format(brltty=_BRLTTY)
    return _("Is the board plugged in, with a cable that has data lines? Many cables only charge")


def no_loader(port: str) -> str:
    """Return how to put the board at this port into its loader."""
    if _has_own_usb(port):
        return _(
            "unplug it, hold its BOOT button while you plug it in, and try again; a "
            "charge-only cable does not work"
        )
    return _(
        "hold its BOOT button, press EN (or plug it in) and try again; a "
        "charge-only cable does not work"
    )


def _has_own_usb(port: str) -> bool:
    """Return whether a board's port is its chip's own USB.

    The system may list the port by another name: macOS lists cu.* only, Windows in capitals.
    """
    listed = os.path.realpath(port).replace("/dev/tty.", "/dev/cu.")
    same = (port, listed, port.upper())
    return any(each.device in same and each.vid == ESPRESSIF for each in list_ports.comports())


def _processes(proc: Path) -> Iterator[tuple[str, int]]:
    """Yield name and id of the processes that the system shows, except this one."""
    for folder in sorted(proc.glob("[0-9]*")):
        if folder.name == str(os.getpid()):
            continue
        try:
            yield (folder / "comm").read_text(errors="replace").strip(), int(folder.name)
        except (OSError, ValueError):
            continue


def _holders(port: str, proc: Path) -> Iterator[tuple[str, int]]:
    """Yield name and id of the processes that have the port open, as far as the system shows.

    tokensim, which is at the other end of its port and holds it open, comes last.
    """
    device = os.path.realpath(port)
    for name, process in sorted(_processes(proc), key=lambda each: each[0] == _SIMULATOR):
        try:
            if any(os.readlink(each) == device for each in (proc / str(process) / "fd").iterdir()):
                yield name, process
        except OSError:  # it has ended, or is another user's
            continue


def _group(port: str) -> str | None:
    """Return the group whose members may use the device; None if there is none to join."""
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
