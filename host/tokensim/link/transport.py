"""The computer's end of a simulated link, in simulated time."""

from typing import Protocol

from tokensim.board.timebase import RealTime, SimulatedTime

_S = 1_000_000_000  # nanoseconds


class _Port(Protocol):
    """What a transport needs of the token at its other end."""

    @property
    def time(self) -> RealTime | SimulatedTime: ...

    def send(self, data: bytes) -> None: ...

    def receive(self, timeout: float) -> bytes: ...

    def wait(self, seconds: float) -> None: ...


class SimulatedTransport:
    """A transport for tokenctl.Token: the link of a simulated token, and its simulated time."""

    def __init__(self, token: _Port) -> None:
        self._token = token
        self.name = "simulated"

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._token.send(data)

    def read(self, timeout: float) -> bytes:
        """Return received bytes, waiting up to `timeout` s; b"" if there are none."""
        return self._token.receive(timeout)

    def restarts(self) -> None:
        """Do nothing: the port stays while the token restarts."""

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def time(self) -> float:
        """Return the computer's Unix time."""
        return self._token.time.now() / _S

    def monotonic(self) -> float:
        """Return the simulated time in seconds, from an arbitrary origin."""
        return self._token.time.now() / _S

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._token.wait(seconds)
