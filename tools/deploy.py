"""Bring a board with a development build up to date: make deploy PORT=/dev/ttyUSB0

    deploy.py [--board FILE] [--firmware FOLDER] [--map FILE] PORT

Ctrl-C ends the firmware in the REPL; then the development build is made from the sources, its
changes are copied by mpremote, and a soft reset starts the new code. Everything else on the board
stays: the wiring (board.json, unless FILE replaces it), the accounts, your own files. If
interrupted, run it again. With the map of the build, build/development.map, a traceback of the
board can be traced to the sources: tokenctl fault --map build/development.map -
"""

import argparse
import contextlib
import hashlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import board_files
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
from tokenctl.flashing.flasher import wait_for_hello
from tokenctl.release import build, translating
from tokensim.port import compiled

ROOT = Path(__file__).parents[1]
FIRMWARE = ROOT / "firmware"
MAP = ROOT / "build" / "development.map"

_REPL_TIMEOUT = 5  # seconds for Ctrl-C to lead to the REPL
_READ_TIMEOUT = 10  # seconds without a byte, after which the board is gone
_FAULT_TIMEOUT = 2  # seconds within which a firmware that does not start at all ends

# py/persistentcode.h, MP_NATIVE_ARCH_…: of the chips, and of a computer.
_ARCHES = {2: compiled.ARCH, 10: "xtensawin", 11: "rv32imc"}


def main() -> None:
    """Deploy; a failure prints one sentence, and sets an exit code of tokenctl's."""
    parser = argparse.ArgumentParser(description="Update a board with a development build.")
    parser.add_argument("--board", type=Path, metavar="FILE", help="a definition of the wiring")
    parser.add_argument("--firmware", type=Path, metavar="FOLDER", default=FIRMWARE)
    parser.add_argument("--map", type=Path, metavar="FILE", default=MAP, help="where the map goes")
    parser.add_argument("port", metavar="PORT", help="the board's port")
    arguments = parser.parse_args()
    if not arguments.port:
        print("Error: Say where the board is: make deploy PORT=/dev/ttyUSB0.", file=sys.stderr)
        sys.exit(2)
    try:
        deploy(arguments.port, arguments.firmware, arguments.board, arguments.map)
    except TokenctlError as error:
        print(f"Error: {error.sentence}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("Interrupted: run it again, and it goes on.", file=sys.stderr)
        sys.exit(130)


def deploy(port: str, firmware: Path, wiring: Path | None, place: Path = MAP) -> None:
    """Bring the board at `port` to this firmware, and run it. Raises TokenctlError.

    `wiring` is a board definition, None to keep the board's; `place` is the file for the map.
    """
    with _repl(port) as board:
        arch = _arch(board)
        made = build.build(firmware, arch, _instead(arch, firmware), development=True)
        files = _files(made, wiring)
        known = _keep_map(made, place)
        there = board_files.listing(board)
        folders = {each.name for each in firmware.iterdir() if each.is_dir()}
        board_files.delete(board, sorted(stale(there, files, folders)))
        changed = [
            name for name, data in files.items() if there.get(name) != hashlib.sha256(data).digest()
        ]
        board_files.copy(board, {name: files[name] for name in changed}, set(there))
        print(f"{len(changed)} of {len(files)} files copied.")
        board.exit_raw_repl()
        board.read_until(1, b">>> ", timeout_overall=_REPL_TIMEOUT)
        raw: Any = board.serial
        raw.timeout = 0.1
        raw.write(b"\x04")  # a soft reset, which runs main.py only from here
        output = board.read_until(1, b">>> ", timeout_overall=_FAULT_TIMEOUT)
    if output.endswith(b">>> "):
        fault = output.decode("utf-8", "replace").replace("\r", "").strip(" >\n")
        print(known.translate(fault), file=sys.stderr)
        raise NoToken(f"the firmware has ended with that; the REPL: mpremote connect {port} repl")
    try:
        identity = wait_for_hello(port).identity
    except NoToken:
        raise NoToken(
            f"the firmware does not say hello; see why with mpremote connect {port} repl"
        ) from None
    print(f"Token {identity.serial} runs firmware {identity.firmware}.")


def stale(there: dict[str, bytes], files: dict[str, bytes], folders: set[str]) -> set[str]:
    """Return the files on the board that must be deleted.

    They are sources next to a compiled file, which MicroPython would prefer; partly written
    files; and the modules, in `folders`, of earlier development builds.
    """
    return {
        name
        for name in there
        if name.partition("/")[0] in folders
        or name.removesuffix(board_files.NEW) in files.keys() - {name}
        or (name.endswith(".py") and name.removesuffix(".py") + ".mpy" in files)
    }


def _arch(board: SerialTransport) -> str:
    """Return the architecture of the board's machine code; raise WrongBoard."""
    number = int(board.exec("import sys; print(sys.implementation._mpy >> 10 & 15)"))
    if number not in _ARCHES:
        raise WrongBoard(f"the board has machine code that no token has (number {number})")
    return _ARCHES[number]


def _instead(arch: str, firmware: Path) -> dict[str, bytes]:
    """Return the replacements of sources for a board with this machine code.

    Only a simulated board has any, since machine code cannot access its registers.
    """
    return compiled.replacements(firmware) if arch == compiled.ARCH else {}


def _files(made: build.Release, board: Path | None) -> dict[str, bytes]:
    """Return the board's files; main.py is last, because it identifies the others."""
    files = dict(made.files)
    main_file = files.pop(build.MAIN)
    if board is not None:
        try:
            definition = load(board)
        except OSError:
            raise BadPayload(f"the file {board} cannot be read") from None
        for each in rules.refuse(definition):
            print(f"Warning: {each}.", file=sys.stderr)
        files[app_image.BOARD] = definition.for_board()
    return files | {build.MAIN: main_file}


def _keep_map(made: build.Release, place: Path) -> translating.Map:
    """Write the map of a build, for later tracebacks, and return it."""
    version = made.files[build.MAIN].split()[2].decode()  # "# otptoken 0.1.0"
    data = translating.as_map(made, version)
    try:
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
    except OSError as error:
        raise BadPayload(f"the map {place} cannot be written: {error.strerror}") from None
    return translating.Map(data)


@contextlib.contextmanager
def _repl(port: str) -> Iterator[SerialTransport]:
    """Yield the board in its raw REPL, after a soft reset. Raises TokenctlError."""
    try:
        board = SerialTransport(port, timeout=_READ_TIMEOUT)
    except TransportError:  # mpremote does not report the reason
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
        # The last line of a traceback on the board has the exception.
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
    """Return an error that says why Ctrl-C did not lead to a REPL, as far as the token tells."""
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


if __name__ == "__main__":
    main()
