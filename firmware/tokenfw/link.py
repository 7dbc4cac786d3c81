"""The token's end of the link: lines in and out of the USB serial port, one request at a time.

Reading never blocks for longer than a line takes, and each line is
acknowledged before it is thought about. What is not a line is passed over:
boot logs, a modem manager's AT probes, noise.
"""

import asyncio
import os
import select

from otpcore import errors, lines, messages

_ACK_TIMEOUT_MS = 400
_TRIES = 8
_READ_MAX = 160  # bytes before others get their turn


class Link:
    """`source` and `sink` are byte streams (sys.stdin.buffer, sys.stdout.buffer).

    `service` has `async answer(request, notify)`, which returns a result or
    raises a WireError, and `is_quick(method)` for what may be answered while
    another request waits.
    """

    def __init__(self, source, sink, service):
        self._source = source
        self._sink = sink
        self._service = service
        self._poll = select.poll()
        self._poll.register(source, select.POLLIN)
        self._reader = lines.LineReader()
        self._requests = messages.Assembler(lines.REQUEST_PART, lines.REQUEST_END)
        self._number = int.from_bytes(os.urandom(2), "big")
        self._sending = asyncio.Lock()
        self._awaited = None  # (message, part) of the line that waits for its acknowledgement
        self._acknowledged = asyncio.Event()
        self._abandoned = False  # nobody waits any more for what is being sent
        self._running = None  # the id of the request that is carried out
        self._last = (None, None)  # id and answer of the last one that was

    async def run(self):
        """Serve for ever."""
        stream = asyncio.StreamReader(self._source)
        while True:
            data = await stream.read(1)
            if not data:  # the other end closed: only a simulated port does
                await asyncio.sleep_ms(50)
                continue
            for line in self._reader.feed(data + self._drain()):
                self._take(line)

    def _drain(self):
        """Return what has arrived meanwhile."""
        data = bytearray()
        while len(data) < _READ_MAX and any(self._poll.ipoll(0)):
            byte = self._source.read(1)
            if not byte:
                break
            data.extend(byte)
        return data

    def _take(self, line):
        if line.kind == lines.REQUEST_ACK:
            if (line.message, line.part) == self._awaited:
                self._acknowledged.set()
            return
        acknowledge, data = self._requests.take(line)
        if acknowledge:
            self._sink.write(lines.encode(line.message, line.part, lines.REPLY_ACK))
        if data is not None:
            self._begin(messages.load(data))

    def _begin(self, request):
        number = request.get("id") if request else None
        if number is not None and number == self._running:
            return  # sent again: it is answered when it is carried out
        self._abandoned = True  # who sends a new request waits for no older answer
        self._acknowledged.set()
        if not isinstance(number, str) or len(number) != messages.ID_LENGTH:
            reply = _failure(None, errors.BadRequest("the request is no object with an id"))
        elif number == self._last[0]:
            reply = self._last[1]
        elif self._service.is_quick(request.get("method")):
            asyncio.create_task(self._answer(request))
            return
        elif self._running:
            reply = _failure(number, errors.Busy("the token is waiting for its button; press it"))
        else:
            self._running = number
            asyncio.create_task(self._carry_out(request))
            return
        asyncio.create_task(self._send(reply))

    async def _carry_out(self, request):
        try:
            reply = await self._reply_to(request)
            self._last = (request["id"], reply)
        finally:
            self._running = None
        await self._send(reply)

    async def _answer(self, request):
        await self._send(await self._reply_to(request))

    async def _reply_to(self, request):
        async def notify(notice):
            await self._send({"id": request["id"], "notice": notice})

        try:
            return {"id": request["id"], "result": await self._service.answer(request, notify)}
        except errors.WireError as error:
            return _failure(request["id"], error)
        except MemoryError:
            return _failure(request["id"], errors.WireError("the token ran out of memory"))
        except Exception as error:
            # Its class only: a message might quote what the request held.
            sentence = "the token's firmware failed with %s" % type(error).__name__
            return _failure(request["id"], errors.WireError(sentence))

    async def _send(self, message):
        """Send a message, each line until it is acknowledged; give up when nobody is there."""
        async with self._sending:
            self._abandoned = False
            self._number = (self._number + 1) & 0xFFFF
            data = messages.dump(message)
            for part, line in enumerate(
                messages.cut(self._number, data, lines.REPLY_PART, lines.REPLY_END)
            ):
                if not await self._send_line(part, line):
                    return

    async def _send_line(self, part, line):
        self._acknowledged.clear()
        self._awaited = (self._number, part)
        for _ in range(_TRIES):
            self._sink.write(line)
            try:
                await asyncio.wait_for_ms(self._acknowledged.wait(), _ACK_TIMEOUT_MS)
                return not self._abandoned
            except asyncio.TimeoutError:
                pass
        return False


def _failure(number, error):
    return {"id": number, "error": errors.to_wire(error)}
