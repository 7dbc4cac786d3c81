"""The simulator: runs the firmware and gives it the board, in real or simulated time.

One loop for both: the firmware either computes (it owes us a request) or waits
for the reply to one, which falls due at a certain time. Simulated time moves
only while it waits, to whatever happens next.
"""

import contextlib
import json
import select
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from errno import EINTR, EINVAL
from pathlib import Path

from tokensim.board import Board
from tokensim.flash import PowerCut
from tokensim.interpreter import HEAP, MAIN, Interpreter, Request
from tokensim.interrupts import TooLong
from tokensim.repl import Repl
from tokensim.requests import MS, BadAddress, Reply, Requests
from tokensim.timebase import RealTime, SimulatedTime
from tokensim.uart import Uart
from tokensim.wakeup import EXT0, EXT1, GPIO, CannotWake
from tokensim.wiring import DEFINITION

# As machine.reset_cause() gives them.
POWER_ON, HARD_RESET, WATCHDOG, DEEP_SLEEP, SOFT_RESET = 1, 2, 3, 4, 5
BOOT_NS = 300 * MS  # from reset to the first line of main.py
_REQUEST_NS = 5_000  # what each request costs, so that a loop of them takes time
_LOOKS = 16  # at time and pins, in simulated time, before the next request: nothing happens there
_HANG_S = 30  # of computing without a request: the firmware hangs
_TICK_NS = MS  # real time: bytes are handed over once a millisecond, as USB does
_BOOT_LOG = (
    b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x%x (%s),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    b"configsip: 0, SPIWP:0xee\r\nload:0x3fff0030,len:4892\r\nentry 0x400805ac\r\n"
)
_CTRL_D = b"\4"
_REPL = b"\r\n(on a board, this is the REPL; here Ctrl-D starts the firmware again)\r\n>>> "
_CAUSES = {
    POWER_ON: (1, b"POWERON_RESET"),
    HARD_RESET: (12, b"SW_CPU_RESET"),
    WATCHDOG: (12, b"SW_CPU_RESET"),
    DEEP_SLEEP: (5, b"DEEPSLEEP_RESET"),
}
# What ESP-IDF writes before it resets the chip, in a crash and when nobody fed the watchdog.
_BACKTRACE = (
    b"\r\n\r\nBacktrace: 0x400d2f0c:0x3ffcd150 0x400d9a41:0x3ffcd180\r\n\r\nRebooting...\r\n"
)
_CRASH = (
    b"\r\nGuru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.\r\n"
) + _BACKTRACE
_BITE = (
    b"\r\nE (0) task_wdt: Task watchdog got triggered. The following tasks/users did not reset"
    b" the watchdog in time:\r\nE (0) task_wdt:  - mp_task (CPU 1)\r\n"
    b"E (0) task_wdt: Aborting.\r\n"
) + _BACKTRACE
# As machine.wake_reason() gives them, by what wakes the chip: pins, or the time.
_NOTHING, _BY_TIME = 0, 4
_WAKE_REASONS = {EXT0: 2, EXT1: 3, GPIO: 7}


class FirmwareFault(Exception):
    """The firmware computes without an end, or its interpreter has gone."""


@dataclass
class _Pending:
    """A request that waits for its reply until `due`, or from `earliest` on for input."""

    due: int
    reply: Reply
    earliest: int | None = None


class Simulator:
    """A board with its firmware. `on_output(bytes)` gets what arrives at the computer.

    `main` is the file of it that runs, `heap` ("310K") the memory that it has for Python.
    With another than main.py, a development build's, Ctrl-C stays armed. `interpreter`
    makes what runs the firmware at each start, as Interpreter does; what it counts of its files
    is board.app. When the firmware ends without a reset, `in_repl` says so; then `repl`
    answers, in real time.
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
        self._firmware = firmware
        self._repl = repl
        self._held = b""  # what came behind a Ctrl-C that has not ended the firmware yet
        self._runs_in = interpreter
        self._main = main
        self._heap = heap
        self._files = _files(board)
        self.board = board
        self.time = time
        self._on_output = on_output
        self._requests = Requests(board)
        self._interpreter: Interpreter | None = None
        self.uart = Uart(self._unread)
        self.powered = False
        self.asleep = False
        self.ready = False  # the firmware has listened to the port since it started
        self.in_repl = False
        self.resets = 0
        self.on_power_cut: Callable[[], None] = lambda: None
        self._pending: _Pending | None = None
        self._boots_at: int | None = None
        self._started = 0
        self.began = 0  # physical time (ns) of the last power-up or reset
        self._cause = POWER_ON
        self._woken_by = _NOTHING
        self._wakes_at: int | None = None
        self._interrupts: bytes = b""  # the character that raises KeyboardInterrupt, if one does
        self.rtc_memory = b""  # the chip's RTC memory: over a reset, not over a power-up
        self._watchdog: int | None = None
        self._next_input = 0
        self._replied = self._computes_until = 0

    @property
    def interpreter(self) -> Interpreter | None:
        """The interpreter that runs, None while the board is off or has not begun."""
        return self._interpreter

    # the supply

    def power_on(self) -> None:
        """Switch the supply on, if it is off."""
        if not self.powered:
            self.powered = True
            self.rtc_memory = b""
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
        """Reset the chip, which writes a trace first; panel and flash keep what they hold."""
        self.resets += 1
        self._stop()
        self.asleep = False
        self.uart.reset()
        self.uart.from_board(trace, self.time.now())
        if cause == POWER_ON:  # what DTR and RTS do
            self.rtc_memory = b""
        self._boot(cause)

    def crash(self) -> None:
        """Have the chip crash: it resets itself, which looks like a program's reset after it."""
        self.reset(HARD_RESET, _CRASH)

    def _sleep(self, milliseconds: int) -> None:
        """Deep sleep: only the memory of the RTC and what wakes the chip goes on."""
        self._stop()
        self.uart.reset()
        self.asleep = True
        self._wakes_at = self.time.now() + milliseconds * MS if milliseconds else None

    def _boot(self, cause: int, woken_by: int = _NOTHING) -> None:
        self._cause, self._woken_by = cause, woken_by
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
            self.uart.from_board(_BOOT_LOG % _CAUSES[cause], now)

    def _wake(self, now: int) -> None:
        """End the deep sleep if a pin does, or its time."""
        source = self.board.wakeup.waker(lambda pin: self.board.level(pin, now))
        if source is not None:
            self._boot(DEEP_SLEEP, _WAKE_REASONS[source])
        elif self._wakes_at is not None and now >= self._wakes_at:
            self._boot(DEEP_SLEEP, _BY_TIME)

    def _stop(self) -> None:
        if self._interpreter is not None:
            self._interpreter.kill()
        self._interpreter = self._pending = self._watchdog = None
        self._interrupts = b""
        self.ready = self.in_repl = False
        if self._repl is not None:
            self._repl.end()

    # the loop

    def run(self, until: int | None, stop: Callable[[], bool], others: list[int]) -> None:
        """Run until physical time `until` (ns), `stop()`, or one of `others` is readable.

        `others` are file descriptors that matter in real time only.
        """
        while not stop():
            now = self.time.now()
            self._happen(now)
            if stop():
                return  # before the time moves on
            computing = self._interpreter is not None and self._pending is None
            if until is not None and now >= until and not computing:
                return
            if computing:
                if self._wait_for_request(others):
                    return
            elif self._wait_for_event(until, others):
                return

    def _happen(self, now: int) -> None:
        """Let everything happen that is due."""
        arrived = self.uart.to_computer(now)
        if arrived:
            self._on_output(arrived)
        self._take(self.uart.arrived(now))
        if self.asleep:
            self._wake(now)
        self._next_input = now + _TICK_NS
        if self._boots_at is not None and now >= self._boots_at:
            self._boots_at = None
            self._started = now
            files = None if self._files is None else Path(self._files.name)
            self._interpreter = self._runs_in(self._firmware, self._main, files, self._heap)
            self.board.app = self._interpreter.app
        if self._watchdog is not None and now >= self._watchdog:
            self.reset(WATCHDOG, _BITE)
        pending = self._pending
        if pending is not None and self._interpreter is not None:
            if pending.earliest is not None and now >= pending.earliest and self._unread():
                self._pending = None
                self._reply(Reply(b"\1"))
            elif now >= pending.due:
                self._pending = None
                self._reply(pending.reply)

    def _reply(self, reply: Reply) -> None:
        """Let the firmware go on."""
        assert self._interpreter is not None  # noqa: S101 (for the type checker)
        now = self.time.now()
        looks, levels = (_LOOKS, self._requests.levels(now)) if self.time.simulated else (0, 0)
        self._replied = now
        since = (now - self._started) // 1000
        self._interpreter.reply(reply.payload, reply.error, since, looks, levels)

    def _take(self, incoming: bytes) -> None:
        """Give what arrived to the firmware; Ctrl-C interrupts it where that is armed."""
        if self._repl is not None and (self.in_repl or self._held):
            self._talk(self._repl, incoming)
        elif self.in_repl and _CTRL_D in incoming:
            self._boot(SOFT_RESET)
            self.in_repl = False
        elif self.in_repl:
            echo = b"\r\n>>> ".join(incoming.split(b"\r"))  # nothing is carried out
            self.uart.from_board(echo, self.time.now())
        elif incoming and self._interpreter is not None:
            if self._interrupts and self._interrupts in incoming:
                if self._pending is None:
                    self._interpreter.interrupt()
                else:
                    self._pending = None  # whoever waited for that reply does no more
                    self._reply(Reply(error=EINTR))
                incoming = incoming.replace(self._interrupts, b"")
                if self._repl is not None:
                    self._held += incoming + self._interrupts
                    return
            self._interpreter.feed(incoming)

    def _talk(self, repl: Repl, incoming: bytes) -> None:
        """Give the REPL what came, from the Ctrl-C on that led to it."""
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
        assert self._interpreter is not None  # noqa: S101 (for the type checker)
        waited = [self._interpreter.requests]
        if self.time.simulated:
            if not self._interpreter.wait(_HANG_S):
                raise FirmwareFault(f"the firmware computes for over {_HANG_S} s")
        else:
            readable = select.select([*waited, *others], [], [], 0.002)[0]
            if waited[0] not in readable:
                return bool(readable)
        request = self._interpreter.receive()
        if request is not None:
            self._compute(request.spent * 1000)
        now = self.time.now()
        # What it wrote before, and only now that it waits: a run must not depend on who was faster.
        self.uart.from_board(self._interpreter.read_output(), now)
        if request is None:
            self._ended(now)
            return False
        if isinstance(self.time, SimulatedTime):
            self.time.move_to(now + _REQUEST_NS)
        self._answer(request, now)
        return False

    def _compute(self, duration: int) -> None:
        """The firmware has computed what takes a board so long (ns)."""
        if isinstance(self.time, SimulatedTime):
            self.time.move_to(self.time.now() + duration)
        else:
            self._computes_until = self._replied + duration

    def _ended(self, now: int) -> None:
        """The firmware has ended: by itself it leads to the REPL, as it does on a board."""
        assert self._interpreter is not None  # noqa: S101 (for the type checker)
        if self._interpreter.crashed():
            self.crash()
            return
        watchdog = self._watchdog  # nothing stops one that was started
        self._stop()
        self._watchdog, self.in_repl = watchdog, True
        if self._repl is None:
            self.uart.from_board(_REPL, now)
        else:
            self._repl.begin()

    def _wait_for_event(self, until: int | None, others: list[int]) -> bool:
        events = [self._boots_at, self._watchdog, self._wakes_at, until]
        if self._repl is not None and self.in_repl and self._repl.busy:
            events.append(self.time.now() + _TICK_NS)
        if self._pending is not None:
            events.append(self._pending.due)
            if self._pending.earliest is not None and self._unread():
                events.append(self._pending.earliest)
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
        operation, payload, _ = request
        # First what it has written must fit its buffer, and be computed.
        start = max(now, self.uart.writable_at(), self._computes_until)
        if operation == b"w":
            due = start + int.from_bytes(payload[:4], "little") * MS
            listens = payload[4] == 1
            self.ready = self.ready or listens
            self._pending = _Pending(due, Reply(b"\0"), start if listens else None)
            return
        if operation == b"R":
            self.reset(HARD_RESET)
            return
        if operation == b"X":
            self._stop()
            self._boot(SOFT_RESET)
            return
        if operation == b"S" and self._may_sleep():
            self._sleep(int.from_bytes(payload, "little"))
            return
        try:
            reply = self._own(operation, payload, now) or self._requests.answer(
                operation, payload, now
            )
        except PowerCut:
            self.power_off()
            self.on_power_cut()
            return
        except BadAddress:
            self.crash()
            return
        except TooLong as fault:
            raise FirmwareFault(str(fault)) from None
        self._pending = _Pending(start + reply.after, reply)

    def _own(self, operation: bytes, payload: bytes, now: int) -> Reply | None:
        if operation == b"t":
            return Reply()  # each reply has the time
        if operation == b"d":
            self._watchdog = now + int.from_bytes(payload, "little") * MS
            return Reply()
        if operation == b"c":
            return Reply(bytes([self._cause, self._woken_by]))
        if operation == b"b":
            self._interrupts = payload
            return Reply()
        if operation == b"W":
            return Reply(after=int.from_bytes(payload, "little") * 1000)
        if operation == b"S":
            return Reply(error=EINVAL)
        if operation == b"m":
            return Reply(self.rtc_memory)
        if operation == b"M":
            self.rtc_memory = payload
            return Reply()
        return None

    def _may_sleep(self) -> bool:
        try:
            self.board.wakeup.check()
        except CannotWake:
            return False
        return True

    def _unread(self) -> int:
        return self._interpreter.unread() if self._interpreter is not None else 0

    def close(self) -> None:
        """Stop everything."""
        with contextlib.suppress(ProcessLookupError):
            self.power_off()
        if self._files is not None:
            self._files.cleanup()


def _files(board: Board) -> "tempfile.TemporaryDirectory[str] | None":
    """Return a folder with the definition of a board that is not the firmware's own."""
    if board.wiring.is_standard:
        return None
    folder = tempfile.TemporaryDirectory(prefix="tokensim-board-")
    (Path(folder.name) / DEFINITION).write_text(json.dumps(board.wiring.definition))
    return folder
