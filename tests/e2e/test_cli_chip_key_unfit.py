"""Chips and keys that no vault is bound to: taken, known, silent, repeating, or for a trial."""

import json

import pytest
from e2e import chip_key_bench
from e2e.chip_key_bench import ALICE
from e2e.commandline import HOLD
from espefuse import get_esp

from tokenctl.hardening import chip_key, examination
from tokensim.loader.efuse_controller import EfuseController

bench = chip_key_bench.bench


def burn_raw(chip, number, key=b"k" * 32, purpose=8, hide=True):
    """Burn a block of the chip's eFuses, as somebody else did."""
    chip.efuses.keys[number] = key
    chip.efuses.purposes[number] = purpose
    if hide:
        chip.efuses.read_protected |= 1 << number


@pytest.mark.long
def test_taken_blocks_are_passed_over(bench):
    """One of another purpose, one that anybody can read, one that was begun and never finished."""
    chip = bench()
    burn_raw(chip, 0, purpose=9)
    burn_raw(chip, 1, hide=False)
    burn_raw(chip, 2, purpose=0, hide=False)
    result = chip.burn(typed=f"burn chip-key {chip.serial}\n")
    assert result.code == 0, result
    assert "BLOCK_KEY3" in result.err and chip.efuses.purposes == [9, 8, 0, 8, 0, 0]
    assert chip.status["bound"]


@pytest.mark.parametrize(
    ("key", "words"), [(bytes(32), "32 zeros"), (chip_key.TEST_KEY, "published test key")]
)
def test_a_key_that_everybody_knows_is_not_bound_to(bench, key, words):
    chip = bench()
    burn_raw(chip, 0, key=key)
    chip.line("pin", "bind", answer=HOLD).refused(6, words)


def test_a_peripheral_that_does_not_answer_is_found_before_anything_is_burnt(bench):
    chip = bench()
    chip.token.board.hmac.hangs = True
    chip.burn().refused(16, "does not answer", "nothing was burnt")
    assert not any(chip.efuses.purposes)


@pytest.mark.long
def test_a_peripheral_that_repeats_itself_is_not_bound_to(bench):
    chip = bench()
    chip.token.board.hmac.fault = lambda result: b"r" * 32
    result = chip.burn(typed=f"burn chip-key {chip.serial}\n")
    assert result.code == 6 and "same answer" in result.err and "continues" in result.err
    assert not chip.status["bound"]


@pytest.mark.long
def test_a_block_that_does_not_read_back_is_not_bound_to(bench, monkeypatch):
    chip = bench()
    # The protection is burnt, and hides nothing.
    virtual = type(get_esp(chip=chip.chip, virt=True))
    monkeypatch.setattr(virtual, "check_rd_protection_area", lambda self: None)
    result = chip.burn(typed=f"burn chip-key {chip.serial}\n")
    assert result.code == 5 and "read" in result.err
    assert not chip.status["bound"]


def test_a_firmware_that_does_not_know_it_is_refused(bench, monkeypatch):
    chip = bench()
    monkeypatch.setattr("tokenctl.cli.chip_key.CAPABILITY", "something_newer")
    chip.burn().refused(16, "update it with tokenctl flash", "nothing was burnt")


@pytest.mark.long
def test_another_board_than_the_token_is_refused(bench, monkeypatch):
    chip = bench()
    load = EfuseController._load
    monkeypatch.setattr(EfuseController, "_load", lambda self, mac: load(self, bytes(6)))
    result = chip.burn(typed="")
    assert result.code == 16 and "not the token" in result.err


# the examination


def examined(bench, *more, typed=""):
    files = ["--micropython", str(bench.image), "--board", str(bench.wiring)]
    return bench.harden("--examine-chip-key", *files, *more, typed=typed)


def test_a_board_is_given_up_to_the_test_key_and_examined(bench):
    chip = bench()
    result = examined(chip, typed=f"burn chip-key {chip.serial}\n")
    assert (result.code, result.out) == (16, "") and not any(chip.efuses.purposes)
    result = examined(chip, typed=f"burn test key {chip.serial}\n")
    assert result.code == 0, result
    assert chip.efuses.keys[0] == chip_key.TEST_KEY and chip.efuses.purposes[0] == 8
    answered = [line.rpartition(" ")[2] for line in result.out.splitlines()[1:]]
    assert answered == ["no", "yes", "yes", "no", "yes", "yes"]
    assert chip.serial not in result.out
    chip.line("pin", "bind", answer=HOLD).refused(6, "published test key")
    found = json.loads(examined(chip, "--json").out)
    assert found["without_clock"] == found["in_reset"] == "zeros"
    assert 50_000 < found["per_second"] < 400_000 and found["board"] == "esp32c3-devkit"


def test_a_chip_that_does_otherwise_is_seen_to(bench):
    chip = bench()
    burn_raw(chip, 5, key=chip_key.TEST_KEY)
    hmac_module = chip.token.board.hmac
    inner = examination.questions().states[:32]
    hmac_module.shown = b"".join(inner[at : at + 4][::-1] for at in range(0, 32, 4))
    hmac_module.finishes, hmac_module.gated = (1,), "busy"
    found = json.loads(examined(chip, "--json").out)
    assert (found["states_readable"], found["finish_one"], found["finish_two"]) == (
        True,
        True,
        False,
    )
    assert found["without_clock"] == found["in_reset"] == "busy"


def test_a_real_key_is_never_examined_nor_a_token_with_accounts(bench):
    chip = bench()
    chip.line.put(ALICE)
    examined(chip).refused(16, "has accounts", "nothing was burnt")
    burn_raw(chip, 0)
    examined(chip).refused(16, "only a chip with the published test key")
    assert not any(chip.efuses.purposes[1:])
