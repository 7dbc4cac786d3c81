"""The control socket in a token's state folder: how another process drives a running token.

One order per connection: a JSON object {"do": …} and a newline; the answer is
{"ok": …} or {"error": sentence}. The process that holds the lock next to the
socket runs the token; the system releases the lock when the process ends.
"""

import fcntl
import json
import os
import queue
import socket
import threading
from pathlib import Path
from typing import Any, Self

from tokensim.board.board import NoClockChip
from tokensim.control.orders import TIMEOUT, address
from tokensim.refusal import ControlError
from tokensim.running.fault_injection import NoSuchPart
from tokensim.token import SimulatedToken
from tokensim.view.picture import USUAL

LOCK = "lock"


class ControlServer:
    """A context manager that claims `state` for one running token, and listens there for orders.

    Raises ControlError, before it changes anything, if a token is running there already.
    """

    def __init__(self, state: Path) -> None:
        self._path = Path(address(state))
        self._lock = os.open(state / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise ControlError(f"a token is already running in {state}") from None
        self._path.unlink(missing_ok=True)  # left by a process that was killed
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)
        self._listener.close()
        os.close(self._lock)

    def serve(self, token: SimulatedToken) -> None:
        """Start to carry out orders, in a thread of its own."""
        self._listener.listen()
        threading.Thread(target=self._serve, args=(token,), daemon=True).start()

    def _serve(self, token: SimulatedToken) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            with connection:
                connection.settimeout(TIMEOUT)
                answer = _answer(token, connection)
                try:
                    connection.sendall(json.dumps(answer).encode() + b"\n")
                except OSError:
                    continue  # the client is gone


def _answer(token: SimulatedToken, connection: socket.socket) -> dict[str, Any]:
    try:
        order = json.loads(connection.makefile().readline())
        return {"ok": _carry_out(token, order)}
    except (ControlError, NoClockChip, NoSuchPart) as error:
        return {"error": str(error)}
    except (OSError, ValueError, KeyError, TypeError, queue.Empty) as error:
        return {"error": f"the command failed: {error or type(error).__name__}"}


def _carry_out(token: SimulatedToken, order: dict[str, Any]) -> Any:
    what = order["do"]
    if what == "press":
        if not token.chip.powered:
            raise ControlError("the token is off; turn it on with: tokensim power on")
        return token.press(order["seconds"], second=order.get("second", False))
    if what == "screen":
        if order.get("png"):
            return _save_screen(token, Path(order["png"]), order.get("scale", USUAL))
        return token.screen()
    if what == "clock":
        return _clock(token, order)
    if what == "supply":
        return _supply(token, order["usb"], order["battery"])
    if what == "fault":
        return token.inject_fault(order["fault"])
    if what == "power":
        return _power(token, order)
    raise ControlError("this token does not know this command")


def _supply(token: SimulatedToken, usb: bool | None, battery: int | None) -> None:
    definition = token.board.wiring.definition
    if battery is not None and "battery" not in definition:
        raise ControlError(
            f"the board {_name(definition)} measures no battery: its definition has none"
        )
    if usb is not None and "usb_power" not in definition:
        raise ControlError(
            f"the board {_name(definition)} does not sense USB power: "
            "its definition has no usb_power"
        )
    token.supply(usb, battery)


def _name(definition: dict[str, Any]) -> str:
    return definition.get("name") or "of this state"


def _save_screen(token: SimulatedToken, path: Path, scale: int) -> None:
    try:
        token.save_screen(path, scale)
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise ControlError(f"the picture {path} cannot be written: {why}") from None


def _clock(token: SimulatedToken, order: dict[str, Any]) -> dict[str, Any]:
    if order["shift"]:
        token.shift_clock(order["shift"])
    if order["drift"] is not None:
        token.drift_clock(order["drift"])
    chip = token.board.rtc
    return {"unix": chip.unix_ns() / 1e9, "true": token.time.now() / 1e9, "ppm": chip.ppm}


def _power(token: SimulatedToken, order: dict[str, Any]) -> None:
    if order["to"] == "on":
        token.power_on()
        token.wait_until_ready()
    elif order["to"] == "off":
        token.power_off(battery=order["battery"])
    else:
        token.cut_power(order["after"], order["torn"])
