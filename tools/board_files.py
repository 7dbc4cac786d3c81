"""The files of a board in its raw REPL: listing and updating them.

Only the new parts of a file that the board already has are sent: see difference.py. The new file
is written next to the old one, and replaces it when it is complete.
"""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import PurePosixPath

import difference
from mpremote.transport_serial import SerialTransport

NEW = ".new"  # the suffix of a file that is being written

_PIECE = 768  # bytes of data in a line of the program that the board runs
_TOGETHER = 1024  # characters of such lines that are sent at once: each round trip takes time

# Prints `hash path` for every file.
_LISTING = """
import os, hashlib, binascii
def _list(folder):
    for entry in os.ilistdir(folder):
        path = folder + '/' + entry[0] if folder else entry[0]
        if entry[1] & 0x4000:
            _list(path)
        else:
            digest = hashlib.sha256()
            with open(path, 'rb') as file:
                while True:
                    data = file.read(512)
                    if not data:
                        break
                    digest.update(data)
            print(binascii.hexlify(digest.digest()).decode(), path)
_list('')
"""
# Prints the hashes of a file's whole blocks, as lines of base64.
_HASHES = """
import hashlib, binascii
def _hashes(path, block, length):
    found = b''
    with open(path, 'rb') as file:
        while True:
            data = file.read(block)
            if len(data) < block:
                break
            found += hashlib.sha256(data).digest()[:length]
            if len(found) >= 60 * length:
                print(binascii.b2a_base64(found).decode(), end='')
                found = b''
    print(binascii.b2a_base64(found).decode())
"""
# Makes a new file from pieces of the old one and from new data.
_MAKING = """
import os, hashlib, binascii
class _Making:
    def __init__(self, path, old):
        self.file = open(path, 'wb')
        self.old = open(old, 'rb') if old else None
        self.digest = hashlib.sha256()
    def add(self, data):
        self.file.write(data)
        self.digest.update(data)
    def new(self, text):
        self.add(binascii.a2b_base64(text))
    def keep(self, start, length):
        self.old.seek(start)
        while length:
            data = self.old.read(min(length, 512))
            self.add(data)
            length -= len(data)
    def end(self):
        self.file.close()
        if self.old:
            self.old.close()
        print(binascii.hexlify(self.digest.digest()).decode())
"""


def listing(board: SerialTransport) -> dict[str, bytes]:
    """Return the SHA-256 of every file on the board, by name."""
    found: dict[str, bytes] = {}
    for line in board.exec(_LISTING).decode().splitlines():
        digest, _, name = line.partition(" ")
        found[name] = bytes.fromhex(digest)
    return found


def delete(board: SerialTransport, names: list[str]) -> None:
    """Delete files, and folders that are empty afterwards."""
    for name in names:
        board.fs_rmfile(name)
        print(f"Deleted {name}.")
    folders = {str(each) for name in names for each in PurePosixPath(name).parents} - {"."}
    for folder in sorted(folders, key=len, reverse=True):
        if not board.fs_listdir(folder):
            board.fs_rmdir(folder)


def copy(board: SerialTransport, files: dict[str, bytes], there: set[str]) -> None:
    """Put these files at the board's root; for names in `there` it has an older file."""
    for name, data in files.items():
        sent = _put(board, name, data, name in there)
        print(f"Copied {name}, {sent} of {len(data)} bytes.")


def _put(board: SerialTransport, name: str, data: bytes, exists: bool) -> int:
    """Write a file; return how many bytes of it were sent."""
    whole: list[difference.Step] = [data]
    ways = [list(difference.steps(_hashes(board, name), data)), whole] if exists else [whole]
    for way in ways:
        made = _make(board, name, way, name if exists else "")
        if made == hashlib.sha256(data).digest():
            board.exec(f"os.rename({name + NEW!r}, {name!r})")
            return sum(len(step) for step in way if isinstance(step, bytes))
    raise OSError(f"{name} was not written as it is")


def _hashes(board: SerialTransport, name: str) -> list[bytes]:
    size = difference.HASH
    said = board.exec(f"{_HASHES}\n_hashes({name!r}, {difference.BLOCK}, {size})")
    found = b"".join(base64.b64decode(line) for line in said.split())
    return [found[at : at + size] for at in range(0, len(found), size)]


def _make(board: SerialTransport, name: str, way: list[difference.Step], old: str) -> bytes:
    """Make a new file next to `old` on the board; return the SHA-256 of what was written."""
    board.exec(f"{_MAKING}\n_made = _Making({name + NEW!r}, {old!r})")
    lines = ""
    for line in _lines(way):
        if len(lines) + len(line) > _TOGETHER:
            board.exec(lines)
            lines = ""
        lines += line
    board.exec(lines)
    return bytes.fromhex(board.exec("_made.end()").decode())


def _lines(way: list[difference.Step]) -> Iterator[str]:
    """Yield the lines of program that carry out these steps."""
    for step in way:
        if isinstance(step, bytes):
            for at in range(0, len(step), _PIECE):
                text = base64.b64encode(step[at : at + _PIECE]).decode()
                yield f"_made.new({text!r})\n"
        else:
            yield f"_made.keep{step!r}\n"
