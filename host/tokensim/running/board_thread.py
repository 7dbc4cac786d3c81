"""Runs a simulated board in real time, and serves its port, in a thread of its own."""

import os
import queue
import threading
from collections.abc import Callable
from typing import Any

from tokensim.link.link import Endpoint
from tokensim.running.simulator import Simulator

_ORDER_TIMEOUT = 20  # seconds


class BoardThread:
    """Runs a Simulator with its port from start() until stop(); `failure` is what ended it earlier.

    Only this thread may touch the board meanwhile: do() runs a function in it.
    """

    def __init__(self, simulator: Simulator, endpoint: Endpoint) -> None:
        self._simulator = simulator
        self._endpoint = endpoint
        self._thread: threading.Thread | None = None
        self._orders: queue.SimpleQueue[tuple[Callable[[], Any], queue.SimpleQueue[Any]]] = (
            queue.SimpleQueue()
        )
        self._wake = os.pipe()
        self._stopping = False
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, and wait for its end."""
        if self._thread is not None:
            self._stopping = True
            os.write(self._wake[1], b".")
            self._thread.join()
            self._thread = None
        for end in self._wake:
            if end >= 0:
                os.close(end)
        self._wake = (-1, -1)

    def do(self, order: Callable[[], Any]) -> Any:
        """Call `order` in the thread, and return its result; an exception of it ends the thread."""
        if self._thread is None or self._thread is threading.current_thread():
            return order()
        answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._orders.put((order, answer))
        os.write(self._wake[1], b".")
        return answer.get(timeout=_ORDER_TIMEOUT)

    def _run(self) -> None:
        try:
            while not self._stopping:
                others = [self._wake[0], *self._endpoint.descriptors()]
                self._simulator.run(None, lambda: self._stopping, others)
                data = self._endpoint.receive()
                if data:
                    self._simulator.chip.from_computer(data, self._simulator.time.now())
                while not self._orders.empty():
                    order, answer = self._orders.get()
                    os.read(self._wake[0], 1)
                    answer.put(order())
        except BaseException as failure:
            self.failure = failure
            raise
