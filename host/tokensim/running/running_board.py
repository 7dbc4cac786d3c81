"""A simulated board that runs, from its start to its end: its time, and its port.

In simulated time everything runs in the caller's thread, and only while the
caller waits, for bytes or with wait(). In real time a thread of its own runs
the board, and the port is a pseudo-terminal or a TCP port.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tokensim.board.board import USUAL, Board, Parts
from tokensim.board.idfheap import BARE
from tokensim.board.timebase import RealTime, SimulatedTime
from tokensim.link.adapter import Adapter
from tokensim.link.link import Endpoint
from tokensim.link.rfc2217 import Rfc2217Link
from tokensim.link.transport import SimulatedTransport
from tokensim.port.interpreter import share_a_processor
from tokensim.port.runtime import Runtime
from tokensim.running.board_thread import BoardThread
from tokensim.running.patience import Patience
from tokensim.running.simulator import Simulator

START = 1_790_000_000  # the default Unix time at which simulated time begins
_S = 1_000_000_000  # nanoseconds
_START_TIMEOUT = 20  # seconds of simulated time


class RunningBoard:
    """A board and its firmware; a context manager, entered once wait_until_ready() returns.

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

    def power_on(self) -> None:
        """Switch the supply on."""
        self._do(self.chip.power_on)

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
