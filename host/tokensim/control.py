"""The control socket in a token's state folder: how another process drives a running token.

One connection, one order: a JSON object {"do": …} and a newline; back comes
{"ok": …} or {"error": sentence}.
"""

import json
import socket
import threading
from pathlib import Path
from typing import Any

from tokensim.token import SimulatedToken

SOCKET = "control"
_PATH_MAX = 100  # bytes: the system's limit for a socket's path, less a margin
_TIMEOUT = 60  # seconds


class ControlError(Exception):
    """An order cannot be carried out; the message is one sentence."""


def send(state: Path, order: dict[str, Any]) -> Any:
    """Have the token that runs in `state` carry out an order; raise ControlError."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_TIMEOUT)
        try:
            connection.connect(_address(state))
            connection.sendall(json.dumps(order).encode() + b"\n")
            answer = json.loads(connection.makefile().readline() or "{}")
        except (OSError, ValueError):
            raise ControlError(
                f"no token runs in {state}; start one with: tokensim run --state {state}"
            ) from None
    if "error" in answer:
        raise ControlError(answer["error"])
    return answer["ok"]


class ControlServer:
    """Listens in `state` for orders to `token`; a context manager."""

    def __init__(self, token: SimulatedToken, state: Path) -> None:
        self._token = token
        self._path = Path(_address(state))
        if self._path.exists():
            try:
                send(state, {"do": "ping"})
            except ControlError:
                self._path.unlink()  # of one that was killed
            else:
                raise ControlError(f"a token runs in {state} already")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen()

    def __enter__(self) -> "ControlServer":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            with connection:
                connection.settimeout(_TIMEOUT)
                answer = self._answer(connection)
                try:
                    connection.sendall(json.dumps(answer).encode() + b"\n")
                except OSError:
                    continue  # it did not wait

    def _answer(self, connection: socket.socket) -> dict[str, Any]:
        try:
            order = json.loads(connection.makefile().readline())
            return {"ok": self._carry_out(order)}
        except ControlError as error:
            return {"error": str(error)}
        except (OSError, ValueError, KeyError, TypeError) as error:
            return {"error": f"the order failed: {error}"}

    def _carry_out(self, order: dict[str, Any]) -> Any:
        token, what = self._token, order["do"]
        if what == "ping":
            return True
        if what == "press":
            if not token.simulator.powered:
                raise ControlError("the token is off; switch it on with: tokensim power on")
            return token.press(order["seconds"])
        if what == "screen":
            if order.get("png"):
                return token.save_screen(Path(order["png"]))
            return token.screen()
        if what == "clock":
            return _clock(token, order)
        if what == "power":
            return _power(token, order)
        raise ControlError("this token does not know this order")


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


def _address(state: Path) -> str:
    path = str(state.resolve() / SOCKET)
    if len(path.encode()) > _PATH_MAX:
        raise ControlError(f"the path of the state folder is too long: {state}")
    return path
