"""SimulatedToken: a token without hardware, for programs and tests.

In simulated time everything runs in the caller's thread, and only while the
caller waits, for bytes or with wait(). In real time a thread of its own runs
the board, and the port is a pseudo-terminal or a TCP port.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tokensim.board.board import USUAL, Board, Parts
from tokensim.board.idfheap import BARE
from tokensim.board.processor import POWER_ON
from tokensim.board.timebase import RealTime, SimulatedTime
from tokensim.link.adapter import Adapter
from tokensim.link.link import Endpoint
from tokensim.link.rfc2217 import Rfc2217Link
from tokensim.link.transport import SimulatedTransport
from tokensim.port.interpreter import share_a_processor
from tokensim.port.runtime import Runtime
from tokensim.running import fault_injection
from tokensim.running.board_thread import BoardThread
from tokensim.running.patience import Patience
from tokensim.running.simulator import Simulator
from tokensim.view import picture

START = 1_790_000_000  # the default Unix time at which simulated time begins
_S = 1_000_000_000  # nanoseconds
_START_TIMEOUT = 20  # seconds of simulated time
_BOUNCE = [
    400_000,
    900_000,
    2_100_000,
    2_500_000,
]  # ns after an edge, as a worn tactile switch does


class SimulatedToken:
    """A token on a simulated board; a context manager, entered once wait_until_ready() returns.

    `state` is a folder that keeps flash, RTC and serial number; None keeps nothing.
    `endpoint` is the port of a token in real time; None: time is simulated, and begins at `start`
    (Unix time, s), and transport() is the port. `parts` are those of the board, for a new state,
    which keeps them. `runtime` is what the board runs; None: the firmware of this installation.
    With `radio` the radio always has the memory that it takes.
    """

    def __init__(
        self,
        state: Path | None = None,
        *,
        endpoint: Endpoint | None = None,
        start: float = START,
        parts: Parts = USUAL,
        runtime: Runtime | None = None,
        radio: bool = False,
    ) -> None:
        if state is not None:
            state.mkdir(parents=True, exist_ok=True)
        self.time = SimulatedTime(int(start * _S)) if endpoint is None else RealTime()
        self.board = Board(self.time.now, state, parts)
        if radio:
            self.board.idf_heap.leave(BARE)
        self._received = bytearray()
        self._adapter: Adapter | None = None
        self._simulator = Simulator(self.board, self.time, self._output, runtime or Runtime())
        self.chip = self._simulator.chip
        self._endpoint = endpoint
        if isinstance(endpoint, Rfc2217Link):
            endpoint.on_lines = self._set_lines
        self._thread = None if endpoint is None else BoardThread(self._simulator, endpoint)
        self._undo: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        else:
            self._undo = share_a_processor()
        try:
            self.power_on()
            self.wait_until_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Switch the board off, and save its state."""
        if self._thread is not None:
            self._thread.stop()
        self._simulator.close()
        self._undo()
        if self._endpoint is not None:
            self._endpoint.close()
            self._endpoint = None

    @property
    def failure(self) -> BaseException | None:
        """The exception that ended the board's thread in real time, or None."""
        return None if self._thread is None else self._thread.failure

    @property
    def port(self) -> str:
        """The value for `tokenctl --port`; in real time only."""
        if self._endpoint is None:
            raise ValueError("a token in simulated time has no port, only a transport()")
        return self._endpoint.name

    def wait_until_ready(self) -> None:
        """Return once the firmware listens to the port, or cannot start: see obstacle.

        Raises TimeoutError if it starts, and does not listen.
        """
        if self._thread is None:
            self._run(_START_TIMEOUT, self._is_settled)
        else:
            patience = Patience(time.monotonic())
            while not self._is_settled() and self.failure is None:
                if patience.is_over(time.monotonic(), self._simulator.requests):
                    break
                time.sleep(0.005)
        if not self._is_settled():
            raise TimeoutError(self._why_not_ready())

    def _why_not_ready(self) -> str:
        if self.failure is not None:
            return f"the simulated board stopped: {self.failure or type(self.failure).__name__}"
        if not self._simulator.requests:
            return (
                "the simulated token's firmware did not begin: the computer is too busy, or "
                "cannot run MicroPython; try again when less runs on it"
            )
        return (
            "the simulated token's firmware began, but does not listen to its port: the computer "
            "is too busy, or the firmware hangs; try again when less runs on it"
        )

    def _is_settled(self) -> bool:
        return self.chip.ready or self.obstacle is not None

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        if self._thread is None:
            self._run(seconds, lambda: False)
        else:
            time.sleep(seconds)

    def wait_for(self, happened: Callable[[], bool], seconds: float) -> bool:
        """Let simulated time pass until `happened()`, at most `seconds`; return whether it did."""
        self._run(seconds, happened)
        return happened()

    # the button and the screen

    def press(self, seconds: float = 0.1, after: float = 0.0, second: bool = False) -> None:
        """Press the button for `seconds`, starting `after` seconds from now, without waiting.

        With `second` it is the second button.
        """
        wire = self.board.second_button if second else self.board.button

        def schedule() -> None:
            now = self.time.now() + int(after * _S)
            wire.schedule(now, int(seconds * _S), _BOUNCE)

        self._do(schedule)

    def hold(self, seconds: float = 1.2, after: float = 0.0, second: bool = False) -> None:
        """Hold the button: by default for a long press; 3.2 s make a hold."""
        self.press(seconds, after, second)

    def screen(self) -> str:
        """Return the OLED's picture in half blocks; see tokensim.view.picture.as_text()."""
        return picture.as_text(self._do(self.board.panel.pixels))

    def look(self) -> tuple[list[bytes], float]:
        """Return the OLED's pixels (rows of 0 and 1), and its brightness: see view.photograph."""
        from tokensim.view import photograph  # Pillow takes long to load

        panel = self.board.panel
        return self._do(lambda: (panel.pixels(), photograph.brightness(panel)))

    def save_screen(self, path: Path, scale: int = picture.USUAL) -> None:
        """Write the OLED's picture as a PNG (view.photograph). At a scale of 1 black and white."""
        from tokensim.view import photograph

        pixels, brightness = self.look()
        photograph.save(pixels, path, scale, brightness)

    # the clock chip

    def shift_clock(self, seconds: float) -> None:
        """Move the RTC's time, as if it had been set wrong; raise NoClockChip."""
        chip = self.board.rtc
        self._do(lambda: chip.shift(int(seconds * _S)))
        self._do(self.board.save)

    def drift_clock(self, ppm: float) -> None:
        """Make the RTC's crystal fast by so many ppm; negative: slow."""
        chip = self.board.rtc

        def drift() -> None:
            chip.ppm = ppm

        self._do(drift)
        self._do(self.board.save)

    def inject_fault(self, fault: str) -> None:
        """Make a part fail: one of fault_injection.FAULTS; raise NoSuchPart of that module."""

        def order() -> fault_injection.NoSuchPart | None:
            try:
                fault_injection.inject(self.chip, fault)
            except fault_injection.NoSuchPart as error:  # raised, it would end the board's thread
                return error
            return None

        if (error := self._do(order)) is not None:
            raise error

    # the supply

    def power_on(self) -> None:
        """Plug the token in."""
        self._do(self.chip.power_on)

    def power_off(self, battery: bool = True) -> None:
        """Unplug the token; with `battery` False the RTC loses its cell, too."""
        self._do(self.chip.power_off)
        if not battery:
            self._do(self.board.lose_battery)

    def supply(self, usb: bool | None = None, battery_mv: int | None = None) -> None:
        """Set whether USB power is present, and the battery's voltage; None leaves either alone."""

        def change() -> None:
            self.board.usb = self.board.usb if usb is None else usb
            self.board.battery_mv = self.board.battery_mv if battery_mv is None else battery_mv

        self._do(change)

    def stay_unplugged(self, seconds: float) -> None:
        """Unplug the token for so much simulated time."""
        if not isinstance(self.time, SimulatedTime):
            raise ValueError("real time does not jump")
        self.power_off()
        self.time.move_to(self.time.now() + int(seconds * _S))
        self.power_on()
        self.wait_until_ready()

    def cut_power(self, operations: int = 1, torn: bool = False) -> None:
        """Cut the power at the n-th program or erase of flash from now; see Flash.cut_after()."""
        seed = random.randrange(1 << 30)  # noqa: S311
        self._do(lambda: self.board.flash.cut_after(operations, torn, seed))

    def reset(self) -> None:
        """Reset the chip, as opening the port does on many boards."""
        self._do(lambda: self.chip.reset(POWER_ON))

    def crash(self) -> None:
        """Make the chip crash."""
        self._do(self.chip.crash)

    @property
    def obstacle(self) -> str | None:
        """Why no firmware starts from the flash, as a sentence without a full stop, or None."""
        return self.chip.boot_rom.obstacle

    # the link

    def transport(self, adapter: Adapter | None = None) -> SimulatedTransport:
        """Return the computer's end of the link, in simulated time.

        From now on it is connected through `adapter`; None: directly.
        """
        self._adapter = adapter
        return SimulatedTransport(self)

    def send(self, data: bytes) -> None:
        """Put bytes on the wire to the board."""

        def send() -> None:
            now = self.time.now()
            leaves = self._adapter.leaves_at(now) if self._adapter else now
            self.chip.from_computer(data, leaves)

        self._do(send)

    def receive(self, timeout: float) -> bytes:
        """Return the bytes received from the board, waiting up to `timeout` s for the first."""
        if self._adapter is not None:
            return self._receive_behind(self._adapter, self.time.now() + int(timeout * _S))
        if not self._received:
            self._run(timeout, lambda: bool(self._received))
        data = bytes(self._received)
        self._received.clear()
        return data

    def _receive_behind(self, adapter: Adapter, end: int) -> bytes:
        while not (data := adapter.arrived(self.time.now())) and self.time.now() < end:
            due = adapter.next_arrival()
            until = end if due is None else min(due, end)
            self._simulator.run(until, lambda due=due: adapter.next_arrival() != due, [])
        return data

    def _set_lines(self, dtr: bool, rts: bool) -> None:
        self.chip.circuit.set(dtr, rts, self.time.now())

    def _output(self, data: bytes) -> None:
        if self._adapter is not None:
            self._adapter.from_board(data, self.time.now())
        elif self._endpoint is not None:
            self._endpoint.send(data)
        else:
            self._received += data

    def _run(self, seconds: float, stop: Callable[[], bool]) -> None:
        self._simulator.run(self.time.now() + int(seconds * _S), stop, [])

    def _do(self, order: Callable[[], Any]) -> Any:
        """Call `order` in the thread that runs the board, and return its result."""
        return order() if self._thread is None else self._thread.do(order)
