"""tokenctl harden --burn chip-key: the key burnt by espefuse, and the token's vault bound to it."""

import hashlib
import hmac
import json

import pytest
from e2e import chip_key_bench
from e2e.chip_key_bench import ALICE, BOB, NONE, PIN, entering, with_pin
from e2e.commandline import HOLD, NOTHING
from e2e.paper import Keeper
from e2e.typist import Typist

from tokenctl.hardening import chip_key, key_answers

bench = chip_key_bench.bench


CHIPS = [
    pytest.param(name, marks=() if name == "esp32c3" else pytest.mark.long)
    for name in ("esp32c3", "esp32s3", "esp32s2")
]


@pytest.mark.parametrize("name", CHIPS)
def test_a_key_is_burnt_and_the_pin_bound_to_it(bench, name, tmp_path, monkeypatch):
    chip = with_pin(bench(name))
    drawn = []
    draw = chip_key.draw
    monkeypatch.setattr(chip_key, "draw", lambda: drawn.append(draw()) or drawn[-1])
    before = chip.status
    assert (before["bound"], before["pin_chain"]) == (False, 0)
    assert "harden --burn chip-key" in chip.line("status").out
    result = chip.burn(answer=entering(chip, PIN))
    assert result.code == 0, result
    (key,) = drawn
    assert chip.efuses.keys[0] == key and chip.efuses.purposes[0] == 8
    assert chip.efuses.read_protected == 1 and chip.efuses.write_protected & 1
    state = chip.status
    assert state["bound"] and state["has_pin"] and state["account_count"] == 1
    assert 50_000 <= state["pin_chain"] <= 4_000_000 and state["pin_iterations"] >= 4_800
    protection = chip.line("status").out.rpartition("Protection")[2]
    assert "bound to this chip" in protection and "about" in protection and "day" in protection
    # the key is nowhere but in the chip
    kept = [each.read_bytes() for each in (tmp_path / "data").rglob("*") if each.is_file()]
    kept += [(result.out + result.err).encode(), bytes(chip.token.board.flash.read(0, 1 << 19))]
    for data in kept:
        for form in (key, key.hex().encode(), key[:8], key[::-1], key.hex()[:16].encode()):
            assert form not in data
    # it opens here, and a copy of the flash on another chip does not, and says why
    chip.restart()
    assert chip.line("list", answer=entering(chip, PIN)).code == 0
    chip.efuses.keys[0] = hashlib.sha256(key).digest()
    chip.restart()
    result = chip.line("list", answer=entering(chip, PIN))
    result.refused(6, "another chip", "no PIN was tried")
    assert chip.status["pin_attempts_left"] == 10


@pytest.mark.long
def test_the_chain_is_what_stands_in_the_slot(bench):
    """The key slot opens with other people's HMAC and the key that was burnt."""
    chip = bench()
    assert chip.burn(typed=f"burn chip-key {chip.serial}\n").code == 0
    questions = (b"otptoken: a chip's key, one", b"otptoken: a chip's key, two")
    expected = b"".join(hmac.digest(chip.efuses.keys[0], each, "sha256") for each in questions)
    flash = chip.token.board.flash
    (slot,) = [flash.read(at, 256) for at in (0, 4096) if flash.read(at, 3) == b"OTK"]
    assert slot[17] == 2 and slot[40:48] == bytes([0, 0, 0, 1, 0, 0, 0, 1]) and slot[48] == 0
    assert slot[49:113] == expected


def test_an_empty_vault_needs_no_backup_and_a_second_burn_is_refused(bench):
    chip = bench()
    result = chip.burn(typed=f"burn chip-key {chip.serial}\n")
    assert result.code == 0, result
    assert "without a PIN" in result.err
    before = chip.efuses.dump()
    chip.burn().refused(16, "already bound to the chip's key", "nothing was burnt")
    assert chip.efuses.dump() == before
    (measure,) = [
        each
        for each in json.loads(chip.harden("--json").out)["measures"]
        if each["name"] == "chip-key"
    ]
    assert (measure["state"], measure["efuse"]) == ("burnt", "BLOCK_KEY0")


def test_a_checked_backup_spares_the_words_until_something_changes(bench, tmp_path):
    chip = bench()
    assert chip.line("sync").code == 0
    chip.line.put(ALICE)
    file = str(tmp_path / "token.otpb")
    assert "tokenctl backup" in chip.burn(typed="\n").err
    keeper = Keeper(chip.token)
    assert chip.line("backup", file, answer=keeper).code == 0
    assert "never checked" in chip.burn(typed="\n").err
    assert chip.line("backup", file, "--verify", "--full", answer=keeper).code == 0
    chip.line.put(BOB)
    result = chip.burn(typed="\n")
    assert result.code == 16 and "1 account has been added or changed" in result.err
    assert not any(chip.efuses.purposes)
    assert chip.line("backup", file, "--force", answer=keeper).code == 0
    assert chip.line("backup", file, "--verify", "--full", answer=keeper).code == 0
    result = chip.burn(typed=f"burn chip-key {chip.serial}\n")
    assert result.code == 0 and "has been checked" in result.err, result
    assert chip.status["bound"]


def test_a_locked_token_says_nothing_of_its_backups_and_is_to_be_unlocked(bench):
    chip = with_pin(bench())
    chip.restart()
    result = chip.burn(typed="\n")
    assert result.code == 16 and "unlock it" in result.err
    assert not any(chip.efuses.purposes)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("\n", "not confirmed"),
        (f"burn chip-key 000000000000\n{NONE}", "not confirmed"),
        (f"{NONE}yes\n", "not confirmed"),
        (f"{NONE}burn chip-key 000000000000\n", "not confirmed"),
    ],
)
def test_without_the_words_typed_nothing_is_burnt(bench, typed, said):
    chip = bench()
    chip.line.put(ALICE)
    result = chip.burn(typed=typed)
    assert (result.code, result.out) == (16, "") and said in result.err
    assert not any(chip.efuses.purposes) and not chip.efuses.write_protected


def test_what_is_cut_short_between_burning_and_binding_goes_on(bench):
    chip = bench()
    chip.line.put(ALICE)
    result = chip.burn(answer=NOTHING)
    assert result.code == 7 and "continues" in result.err
    burnt, state = chip.efuses.dump(), chip.status
    assert burnt["purposes"][0] == 8 and not state["bound"]
    assert "tokenctl pin bind" in chip.line("status").out
    chip.token.power_off()
    chip.token.power_on()
    chip.token.wait_until_ready()
    result = chip.burn(typed=NONE)
    assert result.code == 0, result
    assert "already has its key" in result.err and "trusts what the chip answers" not in result.err
    assert chip.status["bound"] and chip.efuses.dump() == burnt


@pytest.mark.long
def test_another_computer_goes_on_with_the_chips_own_answers_and_says_so(bench, tmp_path):
    chip = bench()
    assert chip.burn(typed=f"burn chip-key {chip.serial}\n", answer=NOTHING).code == 7
    for each in (tmp_path / "data").rglob("*.json"):
        each.unlink()
    result = chip.line("pin", "bind", answer=HOLD)
    assert result.code == 0 and "trusts what the chip answers" in result.err
    assert chip.status["bound"]
    assert "already" in chip.line("pin", "bind").err


@pytest.mark.long
def test_a_chip_that_answers_otherwise_than_was_burnt_is_not_bound(bench):
    chip = bench()
    assert chip.burn(typed=f"burn chip-key {chip.serial}\n", answer=NOTHING).code == 7
    key_answers.remember(chip.serial, 0, key_answers.of_key(bytes(32)))
    chip.line("pin", "bind", answer=HOLD).refused(6, "other_answers")
    assert not chip.status["bound"]


@pytest.mark.long
def test_freed_and_bound_again(bench):
    chip = with_pin(bench())
    assert chip.burn(answer=entering(chip, PIN)).code == 0
    result = chip.line("pin", "unbind", answer=entering(chip, PIN))
    assert result.code == 0 and "graphics card" in result.err
    assert not chip.status["bound"]
    chip.line("pin", "unbind").refused(6, "not bound")
    result = chip.line("pin", "bind", answer=entering(chip, PIN))
    assert result.code == 0, result
    assert chip.status["bound"]


@pytest.mark.long
def test_a_weak_pin_is_called_weak_although_it_is_bound(bench):
    chip = bench()
    assert chip.burn(typed=f"burn chip-key {chip.serial}\n").code == 0

    def weak(notice):
        Typist(chip.token).enter("1973").think(1).press(3.3).think().enter("1973")

    result = chip.line("pin", "set", answer=weak)
    assert result.code == 0 and "weak 4-digit PIN" in result.err and "hour" in result.err


def test_an_esp32_has_none_and_the_advice_is_ten_digits(bench):
    chip = bench("esp32")
    chip.burn().refused(16, "no HMAC peripheral", "ten digits", "nothing was burnt")
    assert "ten digits" in chip.line("status").out
    assert "chip-key" not in chip.harden().out


@pytest.mark.long
def test_it_is_burnt_by_itself(bench):
    chip = bench()
    result = chip.harden(
        *("--burn", "chip-key", "--burn", "jtag", "--micropython", str(chip.image)),
        *("--board", str(chip.wiring)),
    )
    assert (result.code, result.out) == (16, "") and "by itself" in result.err
