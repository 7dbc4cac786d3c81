"""The computer's end of a simulated link, in simulated time."""

from typing import Protocol

from tokensim.timebase import RealTime, SimulatedTime

_S = 1_000_000_000  # nanoseconds


class _Port(Protocol):
    """What a transport needs of the token that is at its other end."""

    @property
    def time(self) -> RealTime | SimulatedTime: ...

    def send(self, data: bytes) -> None: ...

    def receive(self, timeout: float) -> bytes: ...

    def wait(self, seconds: float) -> None: ...


class SimulatedTransport:
    """The link of a token in simulated time, as tokenctl.Token takes it: bytes and a clock."""

    def __init__(self, token: _Port) -> None:
        self._token = token
        self.name = "simulated"

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._token.send(data)

    def read(self, timeout: float) -> bytes:
        """Return what has come, waiting up to `timeout` s; b"" when nothing has."""
        return self._token.receive(timeout)

    def restarts(self) -> None:
        """It is there all the time."""

    def close(self) -> None:
        """Nothing to close."""

    def time(self) -> float:
        """Return the computer's Unix time."""
        return self._token.time.now() / _S

    def monotonic(self) -> float:
        """Return the time (s) since some moment."""
        return self._token.time.now() / _S

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._token.wait(seconds)
