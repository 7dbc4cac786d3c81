"""The port of a board in its loader: opened so that opening it resets nothing."""

import sys

import serial

from tokenctl.device.transport import (
    BAUD,
    RFC2217,
    SOCKET,
    CountedSocket,
    Rfc2217Port,
    explain_port,
)


def opened(port: str) -> serial.SerialBase:
    """Open the port without a reset; raise PortError."""
    try:
        if port.lower().startswith(SOCKET):  # esptool reads as much at once as is waiting
            found = CountedSocket(None, BAUD)
            found.port = port
        elif port.lower().startswith(RFC2217):
            found = Rfc2217Port(None, BAUD)
            found.port = port
        else:
            found = serial.serial_for_url(port, BAUD, do_not_open=True)
        found.exclusive = True if "://" not in port else None
        if sys.platform == "win32":  # else opening it pulls the board's reset line
            found.rts = found.dtr = False
        found.open()
    except (OSError, ValueError) as error:
        raise explain_port(port, error) from None
    return found
