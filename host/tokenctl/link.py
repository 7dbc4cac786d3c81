"""The computer's end of the link: one request at a time, sent until it is answered.

Each line is sent again until it is acknowledged, and the whole request, with
its id, when the token falls silent: it may have been reset in between. The
token carries out a request of one id only once.
"""

import secrets
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from typing import Any

from otpcore import errors, lines, messages
from tokenctl.errors import LinkError, NoAnswer
from tokenctl.transport import Transport

ACK_TIMEOUT = 0.5  # seconds; an erase of flash holds the token up for less
LINE_TRIES = 4
SILENCE = 2.0  # seconds without a word from the token, then the request is sent again
GIVE_UP = 8.0  # seconds without any acknowledgement, then there is no token


class Link:
    """Requests over a transport. `on_notice` is called with each notice: "press" or "hold"."""

    def __init__(self, transport: Transport, on_notice: Callable[[str], None]) -> None:
        self._transport = transport
        self._on_notice = on_notice
        self._reader = lines.LineReader()
        self._replies = messages.Assembler(lines.REPLY_PART, lines.REPLY_END)
        self._number = secrets.randbelow(1 << 16)
        self._acknowledged: tuple[int, int] | None = None
        self._inbox: deque[dict[str, Any]] = deque()

    def request(
        self, method: str, parameters: dict[str, Any] | None = None, give_up: float = GIVE_UP
    ) -> Any:
        """Send a request and return its result.

        Raises otpcore.errors.WireError as the token does, NoAnswer when it says
        nothing for `give_up` seconds, LinkError when the transport fails.
        """
        number = b64encode(secrets.token_bytes(6)).decode()
        message: dict[str, Any] = {"id": number, "method": method}
        if parameters is not None:
            message["params"] = parameters
        data = messages.dump(message)
        self._inbox.clear()
        heard = self._transport.monotonic()
        while True:
            if self._send(data, number):
                heard = self._transport.monotonic()
            answer = self._await_answer(number)
            if answer is not None:
                return _result(answer)
            if self._transport.monotonic() - heard >= give_up:
                raise NoAnswer("the token does not answer")

    def post(self, method: str) -> None:
        """Send a request whose answer nobody waits for; for giving up another one."""
        number = b64encode(secrets.token_bytes(6)).decode()
        self._send(messages.dump({"id": number, "method": method}), number)

    def _send(self, data: bytes, number: str) -> bool:
        """Send a message; return whether the token acknowledged all of it, or answered."""
        self._number = (self._number + 1) & 0xFFFF
        encoded = messages.cut(self._number, data, lines.REQUEST_PART, lines.REQUEST_END)
        return all(self._send_line((self._number, part), line) for part, line in enumerate(encoded))

    def _send_line(self, sequence: tuple[int, int], line: bytes) -> bool:
        for _ in range(LINE_TRIES):
            self._acknowledged = None
            self._transport.write(line)
            end = self._transport.monotonic() + ACK_TIMEOUT
            while (left := end - self._transport.monotonic()) > 0:
                self._receive(left)
                if self._acknowledged == sequence:
                    return True
        return False

    def _await_answer(self, number: str) -> dict[str, Any] | None:
        """Return the answer to a request, or None after a silence."""
        end = self._transport.monotonic() + SILENCE
        while True:
            while self._inbox:
                message = self._inbox.popleft()
                if message.get("id") != number:
                    continue  # of a request that somebody gave up, or of another program's
                if "notice" not in message:
                    return message
                self._on_notice(str(message["notice"]))
                end = self._transport.monotonic() + SILENCE
            left = end - self._transport.monotonic()
            if left <= 0:
                return None
            self._receive(left)

    def _receive(self, timeout: float) -> None:
        """Take what comes within `timeout` seconds: acknowledgements, and parts of messages."""
        for line in self._reader.feed(self._transport.read(timeout)):
            if line.kind == lines.REPLY_ACK:
                self._acknowledged = (line.message, line.part)
                continue
            acknowledge, data = self._replies.take(line)
            if acknowledge:
                self._transport.write(lines.encode(line.message, line.part, lines.REQUEST_ACK))
            if data is not None and (message := messages.load(data)) is not None:
                self._inbox.append(message)


def _result(answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if isinstance(error, dict):
        raise errors.from_wire(error)
    if "result" not in answer:
        raise LinkError("the token's answer has neither a result nor an error")
    return answer["result"]
