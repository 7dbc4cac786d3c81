"""The USB chips by which ESP32 boards are known among serial ports, and the udev rule for them.

The numbers are those that the chips come with. Of the makers of adapters only those
products are in the rule that turn USB into a serial port; behind Espressif's number
there is always a board of the kind.
"""

from dataclasses import dataclass

from otpcore.version import VERSION

RULE_FILE = "/etc/udev/rules.d/70-otptoken.rules"  # before systemd's 73-seat-late.rules
INSTALL = (
    f"tokenctl udev-rule | sudo tee {RULE_FILE} && sudo udevadm control --reload && "
    "sudo udevadm trigger"
)
ESPRESSIF = 0x303A


@dataclass(frozen=True)
class UsbChips:
    """What one maker has: its USB vendor number, and product numbers; none means any."""

    name: str
    vendor: int
    products: tuple[int, ...] = ()


USB_CHIPS = (
    UsbChips("Silicon Labs CP210x", 0x10C4, (0xEA60, 0xEA70, 0xEA71)),
    UsbChips("WCH CH34x, CH910x", 0x1A86, (0x5523, 0x7522, 0x7523, 0x55D2, 0x55D3, 0x55D4)),
    UsbChips("FTDI FT232 and its family", 0x0403, (0x6001, 0x6010, 0x6011, 0x6014, 0x6015)),
    UsbChips("Espressif's own USB", ESPRESSIF),
)
USB_VENDORS = tuple(chips.vendor for chips in USB_CHIPS)

_HEAD = f"""\
# Made by tokenctl {VERSION}: whoever sits at this computer may use boards with these USB
# chips, and ModemManager leaves them alone. Other devices with them are meant, too: if a
# modem of yours has one, take its line out.
"""


def udev_rule() -> str:
    """Return the rules as udev(7) has them: a file's content."""
    return _HEAD + "".join(_rule(chips) for chips in USB_CHIPS)


def _rule(chips: UsbChips) -> str:
    meant = [("idVendor", f"{chips.vendor:04x}")]
    if chips.products:
        meant.append(("idProduct", "|".join(f"{each:04x}" for each in chips.products)))
    device = ", ".join(f'ATTR{{{name}}}=="{value}"' for name, value in meant)
    parent = ", ".join(f'ATTRS{{{name}}}=="{value}"' for name, value in meant)
    return (
        f"\n# {chips.name}\n"
        f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", {device}, '
        'ENV{ID_MM_DEVICE_IGNORE}="1"\n'
        f'SUBSYSTEM=="tty", {parent}, TAG+="uaccess", ENV{{ID_MM_DEVICE_IGNORE}}="1"\n'
    )
