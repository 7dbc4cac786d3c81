"""The chip of a simulated board: its supply, resets and sleep, and what it starts."""

from collections.abc import Callable

from tokensim.board import boot_messages
from tokensim.board.board import Board
from tokensim.board.flash import PowerCut
from tokensim.board.processor import (
    DEEP_SLEEP,
    HARD_RESET,
    NOT_WOKEN,
    POWER_ON,
    SOFT_RESET,
    WATCHDOG,
    Processor,
)
from tokensim.board.requests import MS, Requests
from tokensim.board.reset_circuit import ResetCircuit
from tokensim.board.timebase import RealTime, SimulatedTime
from tokensim.board.uart import Uart
from tokensim.board.wakeup import EXT0, EXT1, GPIO
from tokensim.loader.boot_rom import BootRom
from tokensim.port.runtime import Runtime
from tokensim.running.console import Console
from tokensim.running.execution import Execution

BOOT_NS = 300 * MS  # from reset to the first line of main.py
# As machine.wake_reason() returns them, by what wakes the chip: pins, or the time.
_BY_TIME = 4
_WAKE_REASONS = {EXT0: 2, EXT1: 3, GPIO: 7}


class Chip:
    """The chip, which runs what `runtime` says. `on_output(bytes)` takes what its loader writes.

    `execution` is the firmware that runs, `console` where its input goes. `ready` is whether it
    has listened to the port since its start, `began` the physical time (ns) of the last power-up
    or reset, `resets` how many of the latter there were.
    """

    def __init__(
        self,
        board: Board,
        time: RealTime | SimulatedTime,
        on_output: Callable[[bytes], None],
        runtime: Runtime,
    ) -> None:
        self.board = board
        self.time = time
        self._on_output = on_output
        self.requests = Requests(board)
        self.boot_rom = BootRom(board, has_loader=runtime.repl is None)
        self.execution = Execution(
            time, lambda: runtime.start(self.boot_rom.files()), self.requests.levels
        )
        self.processor = Processor()
        self.console = Console(self.execution, self.processor, runtime.repl)
        self.uart = Uart(self.execution.unread)
        self.circuit = ResetCircuit(self._hold, self._release)
        self.powered = False
        self.asleep = False
        self.ready = False
        self.resets = 0
        self.began = 0
        self._boots_at: int | None = None
        self._wakes_at: int | None = None

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

    # resets

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

    def soft_reset(self) -> None:
        """Start the firmware anew; what is on its way at the port gets there."""
        self._stop()
        self._boot(SOFT_RESET)

    def crash(self) -> None:
        """Make the chip crash: it resets itself, which looks like a reset by a program."""
        self.reset(HARD_RESET, boot_messages.CRASH)

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
            self._on_output(self.boot_rom.enter())
        else:
            self._boot(POWER_ON)

    def _boot(self, cause: int, woken_by: int = NOT_WOKEN) -> None:
        self.processor.cause, self.processor.woken_by = cause, woken_by
        self.console.start()
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
            self.uart.from_board(boot_messages.boot_log(cause), now)

    def _stop(self) -> None:
        self.execution.stop()
        self.processor.stop()
        self.boot_rom.leave()
        self.console.stop()
        self.ready = False

    # the port

    def from_computer(self, data: bytes, at: int) -> None:
        """Take bytes that the computer sends at a time (ns); to the loader the way takes none."""
        loader = self.boot_rom.loader
        if loader is None:
            self.uart.from_computer(data, at)
            return
        try:
            answer = loader.take(data)
        except PowerCut:
            self.power_off()
            return
        self._on_output(answer)
        if loader.restarts:
            self.reset(HARD_RESET)

    def take(self, incoming: bytes) -> None:
        """Pass on what has arrived at the port, if anything."""
        said, again = self.console.take(incoming)
        self.uart.from_board(said, self.time.now())
        if again:
            self._boot(SOFT_RESET)  # as a board, which stops no watchdog then

    # time

    def pass_time(self, now: int) -> None:
        """Do what is due: wake, start, restart."""
        if self.asleep:
            self._wake(now)
        self.circuit.pass_time(now)
        if self._boots_at is not None and now >= self._boots_at:
            self._boots_at = None
            self._start(now)
        if self.processor.bites_at is not None and now >= self.processor.bites_at:
            self.reset(WATCHDOG, boot_messages.BITE)

    def moments(self) -> list[int | None]:
        """Return the times (physical ns) at which something is due; None for never."""
        return [self._boots_at, self.processor.bites_at, self._wakes_at, self.circuit.due]

    def sleep(self, milliseconds: int) -> None:
        """Enter deep sleep: only the RTC memory, and what wakes the chip, stay on."""
        self._stop()
        self.uart.reset()
        self.asleep = True
        self._wakes_at = self.time.now() + milliseconds * MS if milliseconds else None

    def end(self) -> None:
        """Handle the end of the firmware: if it ended by itself the REPL follows, as on a board."""
        interpreter = self.execution.interpreter
        if interpreter is not None and interpreter.crashed():
            self.crash()
            return
        bites_at = self.processor.bites_at  # nothing stops a watchdog that was started
        self._stop()
        self.processor.bites_at = bites_at
        self.uart.from_board(self.console.enter_repl(), self.time.now())

    def _wake(self, now: int) -> None:
        """End the deep sleep if a pin wakes the chip, or its time is over."""
        source = self.board.wakeup.waker(lambda pin: self.board.level(pin, now))
        if source is not None:
            self._boot(DEEP_SLEEP, _WAKE_REASONS[source])
        elif self._wakes_at is not None and now >= self._wakes_at:
            self._boot(DEEP_SLEEP, _BY_TIME)

    def _start(self, now: int) -> None:
        """Start the firmware, if the flash has one that can start."""
        if self.boot_rom.look():
            self.board.app = self.execution.start().app
        else:
            self.uart.from_board(boot_messages.NOTHING, now)
