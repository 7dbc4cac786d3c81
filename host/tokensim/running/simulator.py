"""The simulator: runs the firmware on the simulated board, in real or simulated time.

One loop for both: the firmware either computes until its next request, or waits for
the reply to one, which is due at a certain time. Simulated time advances only while
it waits, to the next event.
"""

import contextlib
import select
from collections.abc import Callable

from tokensim.board.board import Board
from tokensim.board.flash import PowerCut
from tokensim.board.interrupts import TooLong
from tokensim.board.requests import MS, BadAddress, Reply
from tokensim.board.timebase import RealTime, SimulatedTime
from tokensim.port.pipes import Request
from tokensim.port.runtime import Runtime
from tokensim.running.chip import Chip

_REQUEST_NS = 5_000  # the duration of each request, so that a loop of them takes time
_REPORT = b"G"  # a request of the stand-ins' own, which a board has not
_HANG_S = 30  # real seconds of computing without a request, after which the firmware hangs
_TICK_NS = MS  # in real time bytes are passed on once a millisecond, as by USB


class FirmwareFault(Exception):
    """The firmware hangs, or its interpreter is gone."""


class Simulator:
    """A board, whose `chip` runs what `runtime` says.

    `on_output(bytes)` is called with what arrives at the computer. `requests` is how many the
    firmware has made so far.
    """

    def __init__(
        self,
        board: Board,
        time: RealTime | SimulatedTime,
        on_output: Callable[[bytes], None],
        runtime: Runtime,
    ) -> None:
        self.chip = Chip(board, time, on_output, runtime)
        self.time = time
        self._board = board
        board.interrupts.is_limited = time.simulated
        for wire in board.buttons.values():
            wire.waits = not time.simulated
        self._on_output = on_output
        self._next_input = 0
        self.requests = 0

    def run(self, until: int | None, stop: Callable[[], bool], others: list[int]) -> None:
        """Run until physical time `until` (ns), stop() is true, or one of `others` is readable.

        `others` is a list of file descriptors, used in real time only.
        """
        execution = self.chip.execution
        while not stop():
            now = self.time.now()
            self._happen(now)
            if stop():
                return  # before the firmware goes on, and time advances
            execution.deliver(now, lambda: self._next_event(until))
            if until is not None and now >= until and not execution.computing:
                return
            if execution.computing:
                if self._wait_for_request(others):
                    return
            elif self._wait_for_event(until, others):
                return

    def close(self) -> None:
        """Stop everything."""
        with contextlib.suppress(ProcessLookupError):
            self.chip.power_off()
        self.chip.boot_rom.close()

    def _happen(self, now: int) -> None:
        """Process everything that is due."""
        uart = self.chip.uart
        arrived = uart.to_computer(now)
        if arrived:
            self._on_output(arrived)
        self.chip.take(uart.arrived(now))
        self._next_input = now + _TICK_NS
        self.chip.pass_time(now)

    def _wait_for_request(self, others: list[int]) -> bool:
        execution = self.chip.execution
        pipes = execution.running().pipes
        if self.time.simulated:
            if not pipes.wait(_HANG_S):
                raise FirmwareFault(f"the firmware computes for over {_HANG_S} s")
        else:
            readable = select.select([pipes.requests, *others], [], [], 0.002)[0]
            if pipes.requests not in readable:
                return bool(readable)
        request = pipes.receive()
        if request is not None:
            execution.spend(request.spent * 1000)
        now = self.time.now()
        # Its output so far, only now that it waits: a run must not depend on process timing.
        self.chip.uart.from_board(pipes.read_output(), now)
        if request is None:
            self.chip.end()
            return False
        if isinstance(self.time, SimulatedTime) and request.operation != _REPORT:
            self.time.move_to(now + _REQUEST_NS)
        self._answer(request, now)
        return False

    def _next_event(self, until: int | None) -> int:
        """Return when (physical ns) something happens next that the firmware does not do itself.

        Until it has listened to the port for the first time that is now, as in real time: then
        nobody knows what comes.
        """
        now = self.time.now()
        if not self.chip.ready or not self.time.simulated:
            return now
        uart = self.chip.uart
        events = [until, *self.chip.moments(), self._board.next_edge()]
        events += [uart.next_outgoing(), uart.next_incoming()]
        return min((event for event in events if event is not None), default=now)

    def _wait_for_event(self, until: int | None, others: list[int]) -> bool:
        chip = self.chip
        events = [until, *chip.moments(), *chip.execution.moments()]
        if chip.console.busy:
            events.append(self.time.now() + _TICK_NS)
        for event in (chip.uart.next_outgoing(), chip.uart.next_incoming()):
            if event is not None:
                events.append(event if self.time.simulated else max(event, self._next_input))
        if chip.asleep:
            events.append(self._board.next_edge())
        moments = [event for event in events if event is not None]
        if isinstance(self.time, SimulatedTime):
            if not moments:
                raise FirmwareFault("the board is off, and nothing will ever happen")
            self.time.move_to(min(moments))
            return False
        wait = (min(moments) - self.time.now()) / 1e9 if moments else None
        return bool(select.select(others, [], [], None if wait is None else max(0, wait))[0])

    # the firmware's requests

    def _answer(self, request: Request, now: int) -> None:
        """Carry out a request: resets and sleep here, all others with a reply."""
        operation, payload, _ = request
        self.requests += 1
        chip = self.chip
        # Not before its output fits the buffer, and a board would have computed so far.
        start = max(now, chip.uart.writable_at(), chip.execution.computed_at)
        if operation == b"w":
            due = start + int.from_bytes(payload[:4], "little") * MS
            listens = payload[4] == 1
            chip.ready = chip.ready or listens
            chip.execution.reply_at(due, Reply(b"\0"), start if listens else None)
        elif operation == b"R":
            chip.reset()
        elif operation == b"X":
            chip.soft_reset()
        elif operation == b"S" and self._board.wakeup.lets_sleep():
            chip.sleep(int.from_bytes(payload, "little"))
        else:
            self._reply_to(operation, payload, now, start)

    def _reply_to(self, operation: bytes, payload: bytes, now: int, start: int) -> None:
        chip = self.chip
        try:
            reply = chip.processor.answer(operation, payload, now)
            if reply is None:
                reply = chip.requests.answer(operation, payload, now)
        except PowerCut:
            chip.power_off()
        except BadAddress:
            chip.crash()
        except TooLong as fault:
            raise FirmwareFault(str(fault)) from None
        else:
            chip.execution.reply_at(start + reply.after, reply)
