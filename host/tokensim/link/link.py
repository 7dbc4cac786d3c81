"""Where the simulated serial port comes out: a pseudo-terminal, or a TCP port for socket://."""

import contextlib
import os
import socket
import tty
from pathlib import Path
from typing import Protocol


class Endpoint(Protocol):
    """The computer's end of the serial port, in real time."""

    name: str  # what `tokenctl --port` takes

    def descriptors(self) -> list[int]:
        """Return the file descriptors that become readable when receive() has something."""
        ...

    def receive(self) -> bytes:
        """Return the bytes that a program has written, without waiting."""
        ...

    def send(self, data: bytes) -> None:
        """Send bytes to the program at the port; they are lost if there is none."""
        ...

    def close(self) -> None:
        """Close the port."""
        ...


class PtyLink:
    """A pseudo-terminal, with a symbolic link to it at `path` if one is given."""

    def __init__(self, path: Path | None = None) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.name = self._terminal = os.ttyname(self._slave)
        self._path = path
        if path is not None:
            if path.is_symlink():
                path.unlink()
            path.symlink_to(self.name)
            self.name = str(path)

    def descriptors(self) -> list[int]:
        """See Endpoint."""
        return [self._master]

    def receive(self) -> bytes:
        """See Endpoint."""
        try:
            return os.read(self._master, 4096)
        except (BlockingIOError, OSError):
            return b""

    def send(self, data: bytes) -> None:
        """See Endpoint."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, data)

    def close(self) -> None:
        """See Endpoint."""
        os.close(self._master)
        os.close(self._slave)
        path = self._path
        # Another token may have taken the link over.
        if path is not None and path.is_symlink() and os.readlink(path) == self._terminal:
            path.unlink()


class Listener:
    """A TCP port on this computer only, at `address`; nothing here waits."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self._socket.setblocking(False)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def fileno(self) -> int:
        """Return what to watch for a program that connects."""
        return self._socket.fileno()

    def accept(self) -> socket.socket | None:
        """Return the connection of a program that has connected, None if there is none."""
        try:
            peer, _ = self._socket.accept()
        except BlockingIOError:
            return None
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return peer

    def close(self) -> None:
        """Close the port; connections stay."""
        self._socket.close()


def arrived(peer: socket.socket, most: int) -> bytes | None:
    """Return what a program has sent; empty once it has gone, None if there is nothing yet."""
    try:
        return peer.recv(most)
    except BlockingIOError:
        return None
    except OSError:
        return b""


class TcpLink:
    """A TCP port on this computer only; it serves the program that connected last."""

    def __init__(self, port: int = 0) -> None:
        self._listener = Listener(port)
        self._peer: socket.socket | None = None
        self.name = f"socket://{self._listener.address}"

    def descriptors(self) -> list[int]:
        """See Endpoint."""
        return [each.fileno() for each in (self._listener, self._peer) if each is not None]

    def receive(self) -> bytes:
        """See Endpoint."""
        peer = self._listener.accept()
        if peer is not None:
            self._drop()
            self._peer = peer
        if self._peer is None:
            return b""
        data = arrived(self._peer, 4096)
        if data == b"":
            self._drop()
        return data or b""

    def send(self, data: bytes) -> None:
        """See Endpoint."""
        if self._peer is not None:
            with contextlib.suppress(OSError):
                self._peer.send(data)

    def close(self) -> None:
        """See Endpoint."""
        self._drop()
        self._listener.close()

    def _drop(self) -> None:
        if self._peer is not None:
            self._peer.close()
            self._peer = None
