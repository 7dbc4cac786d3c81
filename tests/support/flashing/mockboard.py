"""A board in its ROM's loader: esp32-mock-bootloader, in this process, at a socket:// URL.

Its flash is `data`. cut_after(n) disconnects the cable after n more bytes of the computer,
wherever that is.
"""

import math
import socket
import threading

from esp32_mock_bootloader import protocol, server
from support.flashing.hasty import Flash

FLASH_IDS = {2: 0x154020, 4: 0x164020, 8: 0x174020, 16: 0x184020}  # MB: JEDEC id, for esptool

# Otherwise it disconnects three seconds after the first region was written, during the next.
server._FLASH_END_IDLE_SEC = math.inf


class _Patient(server.BootloaderConnection):
    """A loader that waits for the computer indefinitely, as the ROM does.

    The package's own aborts a transfer if the computer is slow to answer.
    """

    def __init__(self, stop, **ends):
        super().__init__(**ends)
        self._stop = stop

    def recv(self, size):
        while True:
            try:
                return super().recv(size)
            except TimeoutError:
                if self._stop.is_set():
                    raise


class _Cable(_Patient):
    """The connection, with counts of the bytes on it."""

    def __init__(self, board, stop, sock):
        super().__init__(stop, sock=sock)
        self._board = board
        self._raw = sock

    def sendall(self, data):
        self._board.sent += len(data)
        super().sendall(data)

    def recv(self, size):
        board = self._board
        if board.left is None:
            data = super().recv(size)
        else:
            data = super().recv(min(size, board.left))
            board.left -= len(data)
            if not board.left:
                board.left = None
                self._raw.shutdown(socket.SHUT_RDWR)
                raise OSError("the cable is out")
        board.received += len(data)
        return data


class MockBoard:
    """A board with a chip, as a context manager."""

    def __init__(self, chip="esp32"):
        self.chip = chip
        self.flash = Flash()
        self.left = None
        self.received = self.sent = 0  # bytes, seen from the board
        self.connections = 0
        self._sock = None
        self._stop = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.url = f"socket://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def data(self):
        """All of the flash."""
        return self.flash.data

    def cut_after(self, count):
        """Disconnect the cable after so many bytes of the computer."""
        self.left = count

    def hang_up(self):
        """Drop the present connection, as a network port does after a long silence."""
        self._sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(10)
        self._socket.close()

    def _serve(self):
        while not self._stop.is_set():
            try:
                sock, _ = self._socket.accept()
            except TimeoutError:
                continue
            self._sock = sock
            self.connections += 1
            server.handle_client(
                _Cable(self, self._stop, sock), self._stop, self.chip, flash=self.flash
            )


class MockSerialBoard:
    """A board at a device path, like a serial port; `port` is the path."""

    def __init__(self, chip="esp32"):
        self.chip = chip
        self.flash = Flash()
        self._stop = threading.Event()
        self._pty = server.PtyMasterTransport.create()
        self.port = self._pty.client_path
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def data(self):
        """All of the flash."""
        return self.flash.data

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(10)
        self._pty.close()

    def _serve(self):
        while not self._stop.is_set():
            link = _Patient(self._stop, pty=self._pty)
            server.handle_client(link, self._stop, self.chip, flash=self.flash)


def set_flash_size(monkeypatch, megabytes):
    """Make the flash chip report this size."""
    monkeypatch.setattr(protocol, "MOCK_FLASH_ID", FLASH_IDS[megabytes])
