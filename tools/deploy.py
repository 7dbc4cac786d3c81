"""Bring a board with a development build up to date: make deploy PORT=/dev/ttyUSB0

    deploy.py [--board FILE] [--firmware FOLDER] PORT

Ctrl-C ends the firmware in the REPL; then, through mpremote, what changed is compiled and
copied, what is gone from the firmware's folders is deleted, and a soft reset starts the new code.
Everything else on the board stays: the wiring (board.json, unless FILE has another), the
accounts, files of yours. Interrupted, it is run again.
"""

import argparse
import contextlib
import dataclasses
import hashlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import serial
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from otpcore.errors import WireError
from tokenctl.boards import rules
from tokenctl.boards.definition import load
from tokenctl.device.token import Token
from tokenctl.device.transport import explain_port
from tokenctl.errors import BadPayload, LinkError, NoToken, TokenctlError, WrongBoard
from tokenctl.flashing import app_image
from tokenctl.flashing.chips import CHIPS, Chip
from tokenctl.flashing.flasher import wait_for_hello

FIRMWARE = Path(__file__).parents[1] / "firmware"

_REPL_TIMEOUT = 5  # seconds until Ctrl-C has led to the REPL
_READ_TIMEOUT = 10  # seconds without a byte: the board has gone
_FAULT_TIMEOUT = 2  # seconds in which a firmware that does not even start has ended

# py/persistentcode.h, MP_NATIVE_ARCH_…: the chips', and a computer's.
_ARCHES = {2: "x64", 10: "xtensawin", 11: "rv32imc"}

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


def main() -> None:
    """Deploy; a failure is one sentence and an exit code of tokenctl's."""
    parser = argparse.ArgumentParser(description="Update a board with a development build.")
    parser.add_argument("--board", type=Path, metavar="FILE", help="a definition of the wiring")
    parser.add_argument("--firmware", type=Path, metavar="FOLDER", default=FIRMWARE)
    parser.add_argument("port", metavar="PORT", help="the board's port")
    arguments = parser.parse_args()
    if not arguments.port:
        print("Error: Say where the board is: make deploy PORT=/dev/ttyUSB0.", file=sys.stderr)
        sys.exit(2)
    try:
        deploy(arguments.port, arguments.firmware, arguments.board)
    except TokenctlError as error:
        print(f"Error: {error.sentence}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("Interrupted: run it again, and it goes on.", file=sys.stderr)
        sys.exit(130)


def deploy(port: str, firmware: Path, wiring: Path | None) -> None:
    """Have the board at `port` hold this firmware, and run it. Raises TokenctlError."""
    with _repl(port) as board:
        files = _files(firmware, _chip(board), wiring)
        there = _listing(board)
        _delete(board, sorted(stale(there, files)))
        changed = [
            name for name, data in files.items() if there.get(name) != hashlib.sha256(data).digest()
        ]
        _copy(board, {name: files[name] for name in changed})
        print(f"{len(changed)} of {len(files)} files copied.")
        board.exit_raw_repl()
        board.read_until(1, b">>> ", timeout_overall=_REPL_TIMEOUT)
        raw: Any = board.serial
        raw.timeout = 0.1
        raw.write(b"\x04")  # a soft reset, which runs main.py only from here
        output = board.read_until(1, b">>> ", timeout_overall=_FAULT_TIMEOUT)
    if output.endswith(b">>> "):
        fault = output.decode("utf-8", "replace").replace("\r", "").strip(" >\n")
        print(fault, file=sys.stderr)
        raise NoToken(f"the firmware has ended with that; the REPL: mpremote connect {port} repl")
    try:
        identity = wait_for_hello(port).identity
    except NoToken:
        raise NoToken(
            f"the firmware does not say hello; see why with mpremote connect {port} repl"
        ) from None
    print(f"Token {identity.serial} runs firmware {identity.firmware}.")


def stale(there: dict[str, bytes], files: dict[str, bytes]) -> set[str]:
    """Return what lies in the firmware's folders on the board and does not belong to it."""
    folders = {name.partition("/")[0] for name in files if "/" in name}
    return {
        name
        for name in there
        if "/" in name and name.partition("/")[0] in folders and name not in files
    }


def _chip(board: SerialTransport) -> Chip:
    """Return a chip with the board's machine code; raise WrongBoard."""
    number = int(board.exec("import sys; print(sys.implementation._mpy >> 10 & 15)"))
    if number not in _ARCHES:
        raise WrongBoard(f"the board has machine code that no token has (number {number})")
    return dataclasses.replace(CHIPS[0], arch=_ARCHES[number])


def _files(firmware: Path, chip: Chip, board: Path | None) -> dict[str, bytes]:
    """Return what the board is to hold, main.py last."""
    files = app_image.development(firmware, chip)
    del files[app_image.BOARD]
    main_file = files.pop(app_image.MAIN)
    if board is not None:
        try:
            definition = load(board)
        except OSError:
            raise BadPayload(f"the file {board} cannot be read") from None
        for each in rules.refuse(definition):
            print(f"Warning: {each}.", file=sys.stderr)
        files[app_image.BOARD] = definition.for_board()
    return files | {app_image.MAIN: main_file}


@contextlib.contextmanager
def _repl(port: str) -> Iterator[SerialTransport]:
    """Give the board in its raw REPL, after a soft reset. Raises TokenctlError."""
    try:
        board = SerialTransport(port, timeout=_READ_TIMEOUT)
    except TransportError:  # mpremote keeps to itself why
        raise _why_closed(port) from None
    except (serial.SerialException, OSError, ValueError) as error:
        raise explain_port(port, error) from None
    try:
        entered = False
        with contextlib.suppress(TransportError), contextlib.redirect_stdout(io.StringIO()):
            board.enter_raw_repl(timeout_overall=_REPL_TIMEOUT)
            entered = True
        if entered:
            yield board
    except (TransportError, OSError, IndexError) as error:
        # The last line of a traceback on the board says what it was.
        why = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        raise LinkError(f"the board gave up in the middle ({why[0]}): run it again") from None
    finally:
        for close in (board.close, board.serial.close):  # a pseudo-terminal has no reset lines
            with contextlib.suppress(OSError):
                close()
    if not entered:
        raise _why_no_repl(port)


def _why_closed(port: str) -> TokenctlError:
    try:
        serial.serial_for_url(port, exclusive=True if "://" not in port else None).close()
    except (serial.SerialException, OSError, ValueError) as error:
        return explain_port(port, error)
    return NoToken(f"the port {port} cannot be opened")


def _why_no_repl(port: str) -> TokenctlError:
    """Return why Ctrl-C led to no REPL, as far as the token says."""
    try:
        with Token.open(port) as token:
            development = token.identity.development
    except (TokenctlError, WireError):
        return NoToken(
            f"no REPL answers at {port}: press EN and run it again; a board without a "
            "development build gets one with tokenctl flash --development"
        )
    if development:
        return LinkError("the firmware did not end at Ctrl-C: press EN and run it again")
    return WrongBoard(
        f"the token at {port} has a release build, which has no REPL: put a development build "
        "on it first, with tokenctl flash --development"
    )


def _listing(board: SerialTransport) -> dict[str, bytes]:
    """Return the SHA-256 of every file on the board."""
    found: dict[str, bytes] = {}
    for line in board.exec(_LISTING).decode().splitlines():
        digest, _, name = line.partition(" ")
        found[name] = bytes.fromhex(digest)
    return found


def _delete(board: SerialTransport, names: list[str]) -> None:
    """Delete files, and the folders that are empty then."""
    for name in names:
        board.fs_rmfile(name)
        print(f"Deleted {name}.")
    folders = {str(each) for name in names for each in PurePosixPath(name).parents} - {"."}
    for folder in sorted(folders, key=len, reverse=True):
        if not board.fs_listdir(folder):
            board.fs_rmdir(folder)


def _copy(board: SerialTransport, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        for folder in reversed(PurePosixPath(name).parents[:-1]):
            if not board.fs_exists(str(folder)):
                board.fs_mkdir(str(folder))
        board.fs_writefile(name, data)
        print(f"Copied {name}, {len(data)} bytes.")


if __name__ == "__main__":
    main()
