"""The token's end of the link: lines in and out of the USB serial port, one request at a time.

Reading never blocks for longer than a line takes, and each line is acknowledged before it is
processed. Everything that is not a line is skipped: boot logs, a modem manager's AT probes,
noise. docs/protocol.md has the protocol.
"""

import asyncio
import os
import select
import time

from micropython import const

from otpcore import errors, lines, messages

_ACK_TIMEOUT_MS = const(150)
_READ_MAX = const(160)  # bytes that are read before other tasks run
_ANSWER_MS = const(5000)  # for so long a repeated request gets the same answer

URGENT = 1  # never refused with Busy: carried out beside another request
QUICK = 2  # changes nothing and does not wait for the user: answered beside another request
ONCE = 4  # must not be carried out again, and the vault does not remember whether it was


class Link:
    """The link over the byte streams `source` and `sink` (sys.stdin.buffer, sys.stdout.buffer).

    `service` has `async answer(request, notify, arrived)`, which returns a result of JSON types
    or raises a WireError (an OSError ends the task, and so the run); `flags(method)`, which
    returns the flags above, 0 for an unknown method; and `era`, a value whose change forbids
    repeating earlier answers. `arrived` is when the port showed the first byte of the request's
    last line (ticks_us); `notify(notice)` sends a notice.
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
        self._arrivals = 0  # requests so far: whoever sends one awaits no older answer
        # Requests in progress: {id: a notice that was not acknowledged, or None}.
        self._running = {}
        self._last = None  # the id of the last request that ended
        # Its answer, when it was carried out (ticks_ms; None: it was refused), and in which era.
        self._kept = None, None, 0

    async def run(self):
        """Serve requests forever."""
        stream = asyncio.StreamReader(self._source)
        while True:
            data = await stream.read(1)
            if not data:  # the other end closed: only a simulated port does
                await asyncio.sleep_ms(50)
                continue
            begun = time.ticks_us()
            data += self._drain()
            for line in self._reader.feed(data, begun, time.ticks_us()):
                try:
                    self._take(line)
                except MemoryError:
                    pass  # treated as lost: the computer repeats it

    def _drain(self):
        """Return the bytes that have arrived, up to _READ_MAX, without waiting."""
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
            self._begin(messages.load(data), line.arrived)

    def _begin(self, request, arrived):
        request_id = _id(request)
        if request_id in self._running:
            notice = self._running[request_id]
            if notice is not None:
                asyncio.create_task(self._deliver(request_id, notice))
            return  # a repeat: it is answered at the end
        self._arrivals += 1
        self._acknowledged.set()
        reply = self._answer_at_once(request_id, request, arrived)
        if reply is not None:
            asyncio.create_task(self._send(reply, self._arrivals))

    def _answer_at_once(self, request_id, request, arrived):
        """Begin a request, and return None; or return the answer to one that is not begun."""
        if request_id is None:
            return _failure(None, errors.BadRequest("malformed", messages.MESSAGE_MAX))
        if not isinstance(request.get("method"), str):
            return _failure(request_id, errors.BadRequest("no_method"))
        flags = self._service.flags(request["method"])
        if request_id == self._last:
            reply = self._repeated(flags)
            if reply is not None:
                return reply
        if flags & QUICK:
            asyncio.create_task(self._answer(request, arrived, self._arrivals))
        elif self._running and not flags & URGENT:
            return _failure(request_id, errors.Busy())
        else:
            self._running[request_id] = None
            asyncio.create_task(self._carry_out(request, arrived))
        return None

    def _repeated(self, flags):
        """Return the answer to a repeat of the last request; None: carry it out.

        A result is kept for _ANSWER_MS, a refusal until the next request, and neither beyond
        the era: a token that was locked since reveals nothing to somebody who knows the id.
        """
        kept, done, era = self._kept
        fresh = done is None or 0 <= time.ticks_diff(time.ticks_ms(), done) < _ANSWER_MS  # wraps
        if fresh and era == self._service.era:
            return kept
        if done is None:
            return None  # it changed nothing
        self._kept = None, done, -1
        return _failure(self._last, errors.AlreadyDone()) if flags & ONCE else None

    async def _carry_out(self, request, arrived):
        request_id = request[messages.REQUEST_ID]
        try:
            reply, done = await self._reply_to(request, arrived)
            self._last = request_id
            self._kept = reply, time.ticks_ms() if done else None, self._service.era
        finally:
            self._running.pop(request_id)
        await self._send(reply, None, messages.attempts(request))

    async def _answer(self, request, arrived, arrival):
        await self._send((await self._reply_to(request, arrived))[0], arrival)

    async def _reply_to(self, request, arrived):
        """Let the service answer; return the reply (bytes), and whether that is a result."""
        request_id = request[messages.REQUEST_ID]

        async def notify(notice):  # does not wait, so that the question is shown at once
            data = messages.dump({messages.REQUEST_ID: request_id, "notice": notice})
            asyncio.create_task(self._deliver(request_id, data))

        try:
            result = await self._service.answer(request, notify, arrived)
            data = messages.dump({messages.REQUEST_ID: request_id, "result": result})
            if len(data) <= messages.MESSAGE_MAX:
                return data, True
            error = errors.WireError("too_long")
        except errors.WireError as refusal:
            error = refusal
        except MemoryError:
            error = errors.WireError("no_memory")
        except OSError:  # of the flash, which may not hold what is in memory: a restart reads it
            raise
        except Exception as fault:
            # Its class only: a message might quote the request.
            error = errors.WireError("exception", type(fault).__name__)
        return _failure(request_id, error), False

    async def _deliver(self, request_id, notice):
        """Send a notice of a request; if that fails, keep it for when the request is repeated."""
        if request_id in self._running:
            self._running[request_id] = None
        if not await self._send(notice) and request_id in self._running:
            self._running[request_id] = notice

    async def _send(self, data, arrival=None, attempts=messages.ATTEMPTS):
        """Send a message (bytes); return whether it was acknowledged.

        Gives up if nobody acknowledges, or if a request arrives after the one with the number
        `arrival` (by default the newest when sending starts). `attempts` is ((line size,
        tries per line), …).
        """
        async with self._sending:
            if arrival is None:
                arrival = self._arrivals
            for size, tries in attempts:
                self._number = (self._number + 1) & 0xFFFF
                kinds = lines.REPLY_PART, lines.REPLY_END
                for part, line in enumerate(messages.cut(self._number, data, *kinds, size)):
                    if not await self._send_line(part, line, tries, arrival):
                        break
                else:
                    return True
                if self._arrivals != arrival:
                    break
        return False

    async def _send_line(self, part, line, tries, arrival):
        self._awaited = (self._number, part)
        for _ in range(tries):
            if self._arrivals != arrival:
                return False
            self._acknowledged.clear()
            self._sink.write(line)
            try:
                await asyncio.wait_for_ms(self._acknowledged.wait(), _ACK_TIMEOUT_MS)
                return self._arrivals == arrival
            except asyncio.TimeoutError:
                pass
        return False


def _id(request):
    """Return the id of a request, or None if it has no valid one."""
    found = request.get(messages.REQUEST_ID) if request else None
    if not isinstance(found, str) or len(found) != messages.ID_LENGTH:
        return None
    return None if any(not 0x21 <= each <= 0x7E for each in found.encode()) else found


def _failure(request_id, error):
    return messages.dump({messages.REQUEST_ID: request_id, "error": errors.to_wire(error)})
