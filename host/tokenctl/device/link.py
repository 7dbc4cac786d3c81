"""The computer's end of the link: one request at a time, sent again until it is answered.

Each line is repeated until it is acknowledged, and the whole request, with
its id, when the token falls silent: it may have been reset in between. The
token carries out a request of one id only once.
"""

import secrets
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from otpcore import lines, messages
from tokenctl.device import journal, methods, refusals
from tokenctl.device.deadlines import SILENCE_MAX, Deadline
from tokenctl.device.transport import Transport
from tokenctl.errors import LinkError, NoFirmware
from tokenctl.language import _

# Seconds to wait for each acknowledgement. The token's input buffer holds two lines, and an
# erase of flash keeps it from reading for up to 0.4 s: before that no third copy is sent.
ACK_TIMEOUTS = (0.2, 0.3, 0.15)  # the last one again and again
SILENCE = 2.0  # seconds without a word from the token before the request is sent again
GIVE_UP = SILENCE_MAX
# Methods whose answers are worth longer lines.
_LONG: tuple[str, ...] = ("accounts.list", "accounts.find")
# What main.py of the firmware prints again and again when it can load nothing, and the reason.
LAST_WORDS = {
    b"otptoken: the firmware is damaged": "damaged",
    b"otptoken: too little memory": "no_memory",
}
_LAST_WORDS_MAX = max(map(len, LAST_WORDS))
# MicroPython's own, where there is no main.py or it ended: it comes after an empty line.
PROMPT, EMPTY_LINE = b">>> ", b"\r"
_PROMPTS = 1.0  # seconds that it may take


@dataclass
class Traffic:
    """Traffic on a link: `lines` written, how many of them `again`, and bytes received."""

    lines: int = 0
    again: int = 0
    received: int = 0


class Link:
    """Requests over a transport. `on_notice` gets each notice: see tokenctl.device.token."""

    def __init__(self, transport: Transport, on_notice: Callable[[str], None]) -> None:
        self._transport = transport
        self._on_notice = on_notice
        self._reader = lines.LineReader(lines.LONG_MAX)
        self._printed = b""  # the last bytes received
        self._replies = messages.Assembler(lines.REPLY_PART, lines.REPLY_END)
        self._number = secrets.randbelow(1 << 16)
        self._acknowledged: tuple[int, int] | None = None
        self._inbox: deque[dict[str, Any]] = deque()
        self._deadline = Deadline(transport.monotonic, False, GIVE_UP)  # for the present request
        self.traffic = Traffic()
        self._writes: list[float] = []  # when each line of the present request was written
        # Id and method of the request that has no answer yet.
        self._asked: tuple[str, str] | None = None
        self._abandoned = False  # nobody is waiting for that one any more
        self.done: list[str] = []  # the methods that were carried out, in order
        self._arrived = 0.0  # when the last line of the token's last message began to come

    def timed(self, method: str) -> tuple[Any, tuple[float, float] | None]:
        """Send a request of one line; return its result, when it left and when the answer began.

        Times are the transport's monotonic seconds; None if the line was sent more than once.
        """
        result = self.request(method)
        left, came = self._writes[0], self._arrived
        return result, (left, came) if len(self._writes) == 1 else None

    def request(
        self, method: str, parameters: dict[str, Any] | None = None, give_up: float = GIVE_UP
    ) -> Any:
        """Send a request and return its result, which methods.METHODS says how to check.

        Raises otpcore.errors.WireError as the token does, BadRequest when the
        request does not fit a message, Fault when the token prints that it cannot start,
        NoAnswer when the token says nothing for `give_up` seconds, LinkError when the
        transport fails or the answer makes no sense, NoFirmware when MicroPython's prompt comes.
        """
        request_id, data = _request(method, parameters)
        self._asked = request_id, method
        self._abandoned = False
        self._inbox.clear()
        self._writes.clear()
        at_once, lasts = methods.is_at_once(method), methods.lasts(method)
        self._deadline = Deadline(self._transport.monotonic, at_once, give_up, lasts)
        attempt = repeats = 0
        begun = self._transport.monotonic()
        journal.request(method, parameters)
        while True:
            sent = self._send(data, *messages.ATTEMPTS[attempt])
            answer = self._await_answer(request_id, SILENCE if sent else 0.0)
            if answer is not None:
                self._asked = None
                taken = _taken(method, answer, self._transport.monotonic() - begun)
                self.done.append(method)
                return taken
            if self._deadline.is_over():
                self._ask_who_is_there()
            self._deadline.end()
            repeats += 1
            journal.resent(method, repeats)
            if not sent:
                attempt = min(attempt + 1, len(messages.ATTEMPTS) - 1)

    def abandon(self) -> None:
        """End the request that another thread is waiting for: it raises Cancelled there."""
        self._abandoned = True

    def give_up(self) -> str | None:
        """Tell the token that nobody is waiting for the last request's answer any more.

        The token then answers that request at once. Return its method if it remains unknown whether
        it was carried out, otherwise None.
        """
        self._abandoned = False
        if self._asked is None:
            return None
        request_id, method = self._asked
        _id, data = _request("cancel", {"request_id": request_id})
        self._asked = None
        self._deadline = Deadline(self._transport.monotonic, True, SILENCE)
        if not self._send(data, *messages.ATTEMPTS[0]):
            return method
        answer = self._await_answer(request_id, SILENCE)
        if answer is None:
            return method
        # For a caller that gave up in a notice, and is still waiting.
        self._inbox.appendleft(answer)
        if "result" in answer:
            self.done.append(method)
        return None

    @property
    def unanswered(self) -> str | None:
        """The method of the last request, if its answer has not come."""
        return None if self._asked is None else self._asked[1]

    def _ask_who_is_there(self) -> None:
        """Raise NoFirmware if MicroPython itself answers instead of the firmware."""
        self._transport.write(EMPTY_LINE)
        end = self._transport.monotonic() + _PROMPTS
        while (left := end - self._transport.monotonic()) > 0:
            self._receive(left)
            if self._printed.endswith(PROMPT):
                raise NoFirmware(
                    _(
                        "MicroPython answers, but not the token's firmware, which is missing "
                        "or damaged: reinstall it with tokenctl flash"
                    )
                )

    def _send(self, data: bytes, size: int, tries: int) -> bool:
        """Send a message in lines of `size` bytes; return whether all were acknowledged."""
        self._number = (self._number + 1) & 0xFFFF
        kinds = lines.REQUEST_PART, lines.REQUEST_END
        encoded = messages.cut(self._number, data, *kinds, size)
        return all(
            self._send_line((self._number, part), line, tries) for part, line in enumerate(encoded)
        )

    def _send_line(self, sequence: tuple[int, int], line: bytes, tries: int) -> bool:
        for attempt in range(tries):
            if self._deadline.is_over():
                return False
            self._acknowledged = None
            self.traffic.lines += 1
            self.traffic.again += attempt > 0
            self._writes.append(self._transport.monotonic())
            self._transport.write(line)
            timeout = ACK_TIMEOUTS[min(attempt, len(ACK_TIMEOUTS) - 1)]
            end = self._transport.monotonic() + timeout
            while (left := end - self._transport.monotonic()) > 0:
                self._receive(left)
                if self._acknowledged == sequence:
                    return True
        return False

    def _await_answer(self, request_id: str, silence: float) -> dict[str, Any] | None:
        """Return the answer to a request, or None after `silence` seconds without a line."""
        begun = self._transport.monotonic()
        while True:
            while self._inbox:
                message = self._inbox.popleft()
                if message.get("request_id") != request_id:
                    continue  # belongs to an abandoned request, or to another program
                if "notice" not in message:
                    return message
                journal.notice(message["notice"])
                if message["notice"] == "restarts":
                    self._transport.restarts()
                self._deadline.notice(message["notice"])
                self._on_notice(str(message["notice"]))
                self._deadline.hear()
                begun = self._deadline.heard
            left = max(begun, self._deadline.heard) + silence - self._transport.monotonic()
            if left <= 0:
                return None
            self._receive(left)

    def _receive(self, timeout: float) -> None:
        """Process what arrives within `timeout` seconds: acknowledgements, message parts."""
        if self._abandoned:
            raise refusals.refusal("cancelled")
        data = self._transport.read(timeout)
        came = self._transport.monotonic()
        self._deadline.take(len(data))
        self.traffic.received += len(data)
        self._printed = self._printed[-_LAST_WORDS_MAX:] + data
        for words, reason in LAST_WORDS.items():
            if words in self._printed:
                raise refusals.refusal("fault", reason)
        for line in self._reader.feed(data, came, came):
            if line.kind not in (lines.REPLY_ACK, lines.REPLY_PART, lines.REPLY_END):
                continue  # an echo of our own
            self._deadline.hear()
            if line.kind == lines.REPLY_ACK:
                self._acknowledged = (line.message, line.part)
                continue
            acknowledge, data = self._replies.take(line)
            if acknowledge:
                self._transport.write(lines.encode(line.message, line.part, lines.REQUEST_ACK))
            if data is not None and (message := messages.load(data)) is not None:
                self._inbox.append(message)
                self._arrived = came if line.arrived is None else line.arrived


def _request(method: str, parameters: dict[str, Any] | None) -> tuple[str, bytes]:
    """Return a new request's id and bytes; raise BadRequest if it does not fit a message."""
    request_id = b64encode(secrets.token_bytes(6)).decode()
    message: dict[str, Any] = {"request_id": request_id, "method": method}
    if method in _LONG:
        message[messages.LINE_BYTES] = lines.LONG_MAX
    if parameters is not None:
        message["params"] = parameters
    try:
        data = messages.dump(message)
    except UnicodeError:
        raise refusals.refusal("bad_request", "not_unicode") from None
    if len(data) > messages.MESSAGE_MAX:
        raise refusals.refusal("bad_request", "malformed", messages.MESSAGE_MAX)
    return request_id, data


def _taken(method: str, answer: dict[str, Any], seconds: float) -> Any:
    """Return an answer's result if it has the right form; raise the token's refusal otherwise."""
    if "error" in answer:
        said = methods.refusal(answer["error"])
        journal.refusal(method, *said, seconds)
        raise refusals.refusal(*said)
    if "result" not in answer:
        raise LinkError(_("the token's answer has neither a result nor an error"))
    journal.answer(method, answer["result"], seconds)
    return methods.checked(method, answer["result"])
