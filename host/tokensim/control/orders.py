"""Orders to a token that runs in another process: see control.py, which carries them out.

It imports little, since each command that sends an order is a process.
"""

import json
import socket
from pathlib import Path
from typing import Any

from tokensim.refusal import ControlError

SOCKET = "control"
TIMEOUT = 60  # seconds
_PATH_MAX = 100  # bytes: the system's limit for a socket's path, minus a margin


def send(state: Path, order: dict[str, Any]) -> Any:
    """Send an order to the token that runs in `state`; return its result or raise ControlError."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT)
        try:
            connection.connect(address(state))
            connection.sendall(json.dumps(order).encode() + b"\n")
            answer = json.loads(connection.makefile().readline() or "{}")
        except (OSError, ValueError):
            raise ControlError(
                f"no token is running in {state}; start one with: tokensim run --state {state}"
            ) from None
    if "ok" not in answer:
        raise ControlError(answer.get("error", "the token was just turned off"))
    return answer["ok"]


def address(state: Path) -> str:
    """Return the path of the socket in a token's state folder; raise ControlError."""
    path = str(state.resolve() / SOCKET)
    if len(path.encode()) > _PATH_MAX:
        raise ControlError(f"the path of the state folder is too long: {state}")
    return path
