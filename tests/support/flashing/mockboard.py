"""A board in its ROM's loader: esp32-mock-bootloader's, in this process, at a socket:// URL.

Its flash is `data`. `cut_after(n)` lets the cable come out once the computer has sent
n more bytes, in the midst of whatever that is.
"""

import math
import socket
import threading
import time

import esptool.cmds
import esptool.loader
from esp32_mock_bootloader import protocol, server

FLASH_IDS = {2: 0x154020, 4: 0x164020, 8: 0x174020, 16: 0x184020}  # MB: JEDEC id, as esptool reads

# Else it hangs up three seconds after the first region was written, in the midst of the next.
server._FLASH_END_IDLE_SEC = math.inf


# esptool writes out each packet for a trace that nobody reads, which takes longer than to send it.
esptool.loader.HexFormatter = lambda data, auto_split=True: "…"


class _Hasty:
    """The module `time` as esptool has it here: a mock needs no rest between two commands."""

    def __getattr__(self, name):
        return getattr(time, name)

    def sleep(self, seconds):
        time.sleep(min(seconds, 0.001))


esptool.loader.time = esptool.cmds.time = _Hasty()


class _Patient(server.BootloaderConnection):
    """A loader that waits for the computer as long as it takes, as the ROM's does.

    The package's own gives up a transfer when the computer is slow to answer.
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
    """The link, with the count of what comes over it."""

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
    """A board with this chip. A context manager."""

    def __init__(self, chip="esp32"):
        self.chip = chip
        self.flash = server.FlashImage()
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
        """Let the cable come out after so many bytes."""
        self.left = count

    def hang_up(self):
        """Drop the connection that there is, as a network port does that was silent for long."""
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
    """A board at a device path, as a serial port is one; `port` is the path."""

    def __init__(self, chip="esp32"):
        self.chip = chip
        self.flash = server.FlashImage()
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
    """Let the flash chip say that it has this size."""
    monkeypatch.setattr(protocol, "MOCK_FLASH_ID", FLASH_IDS[megabytes])
