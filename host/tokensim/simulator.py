"""The simulator: runs the firmware on the simulated board, in real or simulated time.

One loop for both: the firmware either computes until its next request, or waits for
the reply to one, which is due at a certain time. Simulated time advances only while
it waits, to the next event.
"""

import contextlib
import select
from collections.abc import Callable
from pathlib import Path

from tokensim import rom
from tokensim.board import Board
from tokensim.execution import Execution
from tokensim.flash import PowerCut
from tokensim.interpreter import HEAP, MAIN, Interpreter
from tokensim.interrupts import TooLong
from tokensim.loader.chip_start import ChipStart
from tokensim.pipes import Request
from tokensim.processor import (
    DEEP_SLEEP,
    HARD_RESET,
    NOT_WOKEN,
    POWER_ON,
    SOFT_RESET,
    WATCHDOG,
    Processor,
)
from tokensim.repl import Repl
from tokensim.requests import MS, BadAddress, Reply, Requests
from tokensim.reset_circuit import ResetCircuit
from tokensim.timebase import RealTime, SimulatedTime
from tokensim.uart import Uart
from tokensim.wakeup import EXT0, EXT1, GPIO

BOOT_NS = 300 * MS  # from reset to the first line of main.py
_REQUEST_NS = 5_000  # the duration of each request, so that a loop of them takes time
_REPORT = b"G"  # a request of the stand-ins' own, which a board has not
_HANG_S = 30  # real seconds of computing without a request, after which the firmware hangs
_TICK_NS = MS  # in real time bytes are passed on once a millisecond, as by USB
_CTRL_D = b"\4"
_REPL = b"\r\n(on a board, this is the REPL; here Ctrl-D starts the firmware again)\r\n>>> "
# As machine.wake_reason() returns them, by what wakes the chip: pins, or the time.
_BY_TIME = 4
_WAKE_REASONS = {EXT0: 2, EXT1: 3, GPIO: 7}


class FirmwareFault(Exception):
    """The firmware hangs, or its interpreter is gone."""


class Simulator:
    """A board with its firmware. `on_output(bytes)` is called with what arrives at the computer.

    `main` is the firmware's file that runs, `heap` ("310K") the size of its heap. With a `main`
    other than main.py, as in a development build, Ctrl-C stays enabled. `interpreter` makes the
    Interpreter at each start; if that counts accesses to files, they are in board.app. `in_repl`
    is True once the firmware has ended without a reset; then `repl` answers, in real time. With a
    `repl` the firmware is files, not what is in the flash, and the chip has no loader.
    """

    def __init__(
        self,
        firmware: Path,
        board: Board,
        time: RealTime | SimulatedTime,
        on_output: Callable[[bytes], None],
        main: str = MAIN,
        heap: str = HEAP,
        interpreter: Callable[..., Interpreter] = Interpreter,
        repl: Repl | None = None,
    ) -> None:
        self.chip_start = ChipStart(board, has_loader=repl is None)
        self.circuit = ResetCircuit(self._hold, self._release)
        self._requests = Requests(board)
        self._execution = Execution(
            time,
            lambda: interpreter(firmware, main, self.chip_start.files(), heap),
            self._requests.levels,
        )
        self._repl = repl
        self._held = b""  # input after a Ctrl-C that has not ended the firmware yet
        self.board = board
        board.interrupts.is_limited = time.simulated
        self.time = time
        self._on_output = on_output
        self.processor = Processor()
        self.uart = Uart(self._execution.unread)
        self.powered = False
        self.asleep = False
        self.ready = False  # whether the firmware has listened to the port since its start
        self.in_repl = False
        self.resets = 0
        self.on_power_cut: Callable[[], None] = lambda: None
        self._boots_at: int | None = None
        self.began = 0  # physical time (ns) of the last power-up or reset
        self._wakes_at: int | None = None
        self._next_input = 0

    @property
    def interpreter(self) -> Interpreter | None:
        """The running interpreter, None while the board is off or booting."""
        return self._execution.interpreter

    # the supply

    def power_on(self) -> None:
        """Switch the supply on, unless it is on."""
        if not self.powered:
            self.powered = True
            self.processor.rtc_memory = b""
            self.board.power_on()
            self._boot(POWER_ON)

    def power_off(self) -> None:
        """Cut the supply, whatever the firmware is doing."""
        self._stop()
        self.powered = self.asleep = False
        self._boots_at = None
        self.uart.power_off()
        self.board.power_off()

    def reset(self, cause: int = HARD_RESET, trace: bytes = b"") -> None:
        """Reset the chip, which first writes `trace`; panel and flash keep their contents."""
        self.resets += 1
        self._stop()
        self.asleep = False
        self.uart.reset()
        self.uart.from_board(trace, self.time.now())
        if cause == POWER_ON:  # as by DTR and RTS
            self.processor.rtc_memory = b""
        self._boot(cause)

    def crash(self) -> None:
        """Make the chip crash: it resets itself, which looks like a reset by a program."""
        self.reset(HARD_RESET, rom.CRASH)

    # the loader

    def from_computer(self, data: bytes, at: int) -> None:
        """Take bytes that the computer sends at a time (ns); to the loader the way takes none."""
        loader = self.chip_start.loader
        if loader is None:
            self.uart.from_computer(data, at)
            return
        try:
            answer = loader.take(data)
        except PowerCut:
            self.power_off()
            self.on_power_cut()
            return
        self._on_output(answer)
        if loader.restarts:
            self.reset(HARD_RESET)

    def _hold(self) -> None:
        """Hold the chip in reset."""
        if self.powered:
            self.resets += 1
            self._stop()
            self.asleep, self._boots_at, self._wakes_at = False, None, None
            self.uart.power_off()

    def _release(self, boot: bool) -> None:
        """Start the chip after it was held in reset; with `boot` in its loader."""
        if not self.powered:
            return
        self.processor.rtc_memory = b""
        if boot:
            self.board.reset_chip()
            self._on_output(self.chip_start.enter())
        else:
            self._boot(POWER_ON)

    def _sleep(self, milliseconds: int) -> None:
        """Enter deep sleep: only the RTC memory, and what wakes the chip, stay on."""
        self._stop()
        self.uart.reset()
        self.asleep = True
        self._wakes_at = self.time.now() + milliseconds * MS if milliseconds else None

    def _boot(self, cause: int, woken_by: int = NOT_WOKEN) -> None:
        self.processor.cause, self.processor.woken_by = cause, woken_by
        self._held = b""
        self.asleep = False
        self._wakes_at = None
        self.board.reset_chip()
        now = self.time.now()
        self.began = now
        for wire in self.board.buttons.values():
            wire.readings = 0
        self._boots_at = now + BOOT_NS
        if cause == SOFT_RESET:
            self.uart.from_board(b"\r\nMPY: soft reboot\r\n", now)
        else:
            self.uart.from_board(rom.boot_log(cause), now)

    def _wake(self, now: int) -> None:
        """End the deep sleep if a pin wakes the chip, or its time is over."""
        source = self.board.wakeup.waker(lambda pin: self.board.level(pin, now))
        if source is not None:
            self._boot(DEEP_SLEEP, _WAKE_REASONS[source])
        elif self._wakes_at is not None and now >= self._wakes_at:
            self._boot(DEEP_SLEEP, _BY_TIME)

    def _stop(self) -> None:
        self._execution.stop()
        self.processor.stop()
        self.chip_start.leave()
        self.ready = self.in_repl = False
        if self._repl is not None:
            self._repl.end()

    # the loop

    def run(self, until: int | None, stop: Callable[[], bool], others: list[int]) -> None:
        """Run until physical time `until` (ns), stop() is true, or one of `others` is readable.

        `others` is a list of file descriptors, used in real time only.
        """
        while not stop():
            now = self.time.now()
            self._happen(now)
            if stop():
                return  # before the firmware goes on, and time advances
            self._execution.deliver(now, lambda: self._next_event(until))
            if until is not None and now >= until and not self._execution.computing:
                return
            if self._execution.computing:
                if self._wait_for_request(others):
                    return
            elif self._wait_for_event(until, others):
                return

    def _happen(self, now: int) -> None:
        """Process everything that is due."""
        arrived = self.uart.to_computer(now)
        if arrived:
            self._on_output(arrived)
        self._take(self.uart.arrived(now))
        if self.asleep:
            self._wake(now)
        self._next_input = now + _TICK_NS
        self.circuit.pass_time(now)
        if self._boots_at is not None and now >= self._boots_at:
            self._boots_at = None
            self._start(now)
        if self.processor.bites_at is not None and now >= self.processor.bites_at:
            self.reset(WATCHDOG, rom.BITE)

    def _start(self, now: int) -> None:
        """Start the firmware, if the flash has one that can start."""
        if self.chip_start.look():
            self._execution.start()
            self.board.app = self._running().app
        else:
            self.uart.from_board(rom.NOTHING, now)

    def _take(self, incoming: bytes) -> None:
        """Pass input to the firmware; Ctrl-C interrupts it if that is enabled."""
        if self._repl is not None and (self.in_repl or self._held):
            self._talk(self._repl, incoming)
        elif self.in_repl and _CTRL_D in incoming:
            self._boot(SOFT_RESET)
            self.in_repl = False
        elif self.in_repl:
            echo = b"\r\n>>> ".join(incoming.split(b"\r"))  # nothing is carried out
            self.uart.from_board(echo, self.time.now())
        elif incoming and self.interpreter is not None:
            ctrl_c = self.processor.ctrl_c
            if ctrl_c and ctrl_c in incoming:
                self._execution.interrupt()
                incoming = incoming.replace(ctrl_c, b"")
                if self._repl is not None:
                    self._held += incoming + ctrl_c
                    return
            self.interpreter.pipes.feed(incoming)

    def _talk(self, repl: Repl, incoming: bytes) -> None:
        """Pass input to the REPL, starting with what followed the Ctrl-C that led to it."""
        self._held += incoming
        if not self.in_repl:
            return
        held, self._held = self._held, b""
        again = repl.take(held)
        said, later = repl.output()
        self.uart.from_board(said, self.time.now())
        if again or later:
            self._boot(SOFT_RESET)
            self.in_repl = False

    def _wait_for_request(self, others: list[int]) -> bool:
        interpreter = self._running()
        pipes = interpreter.pipes
        if self.time.simulated:
            if not pipes.wait(_HANG_S):
                raise FirmwareFault(f"the firmware computes for over {_HANG_S} s")
        else:
            readable = select.select([pipes.requests, *others], [], [], 0.002)[0]
            if pipes.requests not in readable:
                return bool(readable)
        request = pipes.receive()
        if request is not None:
            self._execution.spend(request.spent * 1000)
        now = self.time.now()
        # Its output so far, only now that it waits: a run must not depend on process timing.
        self.uart.from_board(pipes.read_output(), now)
        if request is None:
            self._ended(interpreter, now)
            return False
        if isinstance(self.time, SimulatedTime) and request.operation != _REPORT:
            self.time.move_to(now + _REQUEST_NS)
        self._answer(request, now)
        return False

    def _running(self) -> Interpreter:
        assert self.interpreter is not None  # noqa: S101 (for the type checker)
        return self.interpreter

    def _ended(self, interpreter: Interpreter, now: int) -> None:
        """Handle the end of the firmware: if it ended by itself the REPL follows, as on a board."""
        if interpreter.crashed():
            self.crash()
            return
        bites_at = self.processor.bites_at  # nothing stops a watchdog that was started
        self._stop()
        self.processor.bites_at, self.in_repl = bites_at, True
        if self._repl is None:
            self.uart.from_board(_REPL, now)
        else:
            self._repl.begin()

    def _next_event(self, until: int | None) -> int:
        """Return when (physical ns) something happens next that the firmware does not do itself.

        Until it has listened to the port for the first time that is now, as in real time: then
        nobody knows what comes.
        """
        now = self.time.now()
        if not self.ready or not self.time.simulated:
            return now
        events = [until, self.processor.bites_at, self.circuit.due, self.board.next_edge()]
        events += [self.uart.first_outgoing(), self.uart.first_incoming()]
        return min((event for event in events if event is not None), default=now)

    def _wait_for_event(self, until: int | None, others: list[int]) -> bool:
        events = [self._boots_at, self.processor.bites_at, self._wakes_at, until]
        events.append(self.circuit.due)
        events += self._execution.moments()
        if self._repl is not None and self.in_repl and self._repl.busy:
            events.append(self.time.now() + _TICK_NS)
        for event in (self.uart.next_outgoing(), self.uart.next_incoming()):
            if event is not None:
                events.append(event if self.time.simulated else max(event, self._next_input))
        if self.asleep:
            events.append(self.board.next_edge())
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
        # Not before its output fits the buffer, and a board would have computed so far.
        start = max(now, self.uart.writable_at(), self._execution.computed_at)
        if operation == b"w":
            due = start + int.from_bytes(payload[:4], "little") * MS
            listens = payload[4] == 1
            self.ready = self.ready or listens
            self._execution.reply_at(due, Reply(b"\0"), start if listens else None)
        elif operation == b"R":
            self.reset(HARD_RESET)
        elif operation == b"X":
            self._stop()
            self._boot(SOFT_RESET)
        elif operation == b"S" and self.board.wakeup.lets_sleep():
            self._sleep(int.from_bytes(payload, "little"))
        else:
            self._reply_to(operation, payload, now, start)

    def _reply_to(self, operation: bytes, payload: bytes, now: int, start: int) -> None:
        try:
            reply = self.processor.answer(operation, payload, now)
            if reply is None:
                reply = self._requests.answer(operation, payload, now)
        except PowerCut:
            self.power_off()
            self.on_power_cut()
        except BadAddress:
            self.crash()
        except TooLong as fault:
            raise FirmwareFault(str(fault)) from None
        else:
            self._execution.reply_at(start + reply.after, reply)

    def close(self) -> None:
        """Stop everything."""
        with contextlib.suppress(ProcessLookupError):
            self.power_off()
        self.chip_start.close()
