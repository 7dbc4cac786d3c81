"""tokenctl harden --burn chip-key: the key burnt by espefuse, and the token's vault bound to it.

The loader is a mock with espefuse's virtual eFuses, which are those of the simulated token: it
has the key that was burnt, and answers as a chip with that key does.
"""

import functools
import hashlib
import hmac
import io
import json
from pathlib import Path

import pytest
from e2e.commandline import HOLD, NOTHING, CommandLine, Result
from e2e.paper import Keeper
from e2e.typist import Typist
from support.flashing import images, virtualefuses
from support.flashing.mockboard import MockSerialBoard

from otpcore.account import Account
from tokenctl.cli import main
from tokenctl.flashing import app_image, micropython_image, plan
from tokenctl.flashing.chips import CHIPS as CHIPS_OF_TOKENS
from tokenctl.hardening import answers, chip_key, examination
from tokenctl.payload import firmware_folder
from tokensim.token import SimulatedToken
from tokensim.wiring import read

BOARDS = Path(__file__).parents[2] / "hardware" / "boards"
ALICE = Account("Example", "alice@example.com", b"12345678901234567890")
BOB = Account("Example", "bob@example.com", b"98765432109876543210")
PIN = "102010"
REVISIONS = {"esp32": 300, "esp32s2": 0, "esp32s3": 1, "esp32c3": 3}
NONE = "I have no backup\n"
build = functools.cache(app_image.build)


class Bench:
    """A simulated token, the loader of its board, and tokenctl for both."""

    def __init__(self, chip, tmp_path, capfd, monkeypatch):
        self.name, self._capfd, self._monkeypatch = chip, capfd, monkeypatch
        self.wiring = BOARDS / f"{chip}-devkit.json"
        self.token = SimulatedToken(tmp_path / "state", definition=read(self.wiring))
        self.chip = virtualefuses.virtual_chip(chip, REVISIONS[chip])
        if chip != "esp32":
            virtualefuses.share(self.chip, self.token.board.efuses)
        virtualefuses.use(monkeypatch, self.chip)
        self.board = MockSerialBoard(chip)
        self.image = tmp_path / "micropython.bin"
        self.image.write_bytes(images.micropython("v1.26.0", chip))
        monkeypatch.setattr(app_image, "build", build)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def __enter__(self):
        self.board.__enter__()
        self.line = CommandLine(self.token, self._monkeypatch, self._capfd)
        self.serial = json.loads(self.harden("--json").out)["serial"]
        self.token.board.serial = bytes.fromhex(self.serial)
        self.token.__enter__()
        self._flash()
        return self

    def __exit__(self, *_):
        self.board.__exit__()
        self.token.__exit__()

    def _flash(self):
        chip = next(each for each in CHIPS_OF_TOKENS if each.name == self.name)
        image = micropython_image.split(self.image.read_bytes(), chip)
        app = build(firmware_folder(), chip, self.wiring.read_bytes())
        for region in plan.regions(image, app):
            self.board.data[region.offset : region.offset + len(region.data)] = region.data

    def harden(self, *arguments, typed="", answer=HOLD):
        """Run tokenctl harden at the board's port; `answer` is for the token's dialogs."""
        self.line._answer = answer
        self.line.asked.clear()
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        self._capfd.readouterr()
        code = main.run(["harden", "--port", self.board.port, *arguments])
        out, err = self._capfd.readouterr()
        return Result(code, str(out), str(err))

    def burn(self, typed=None, answer=HOLD, more=()):
        """Run it with --burn chip-key; there is no backup, and it is confirmed."""
        files = ["--micropython", str(self.image), "--board", str(self.wiring)]
        typed = f"{NONE}burn chip-key {self.serial}\n" if typed is None else typed
        return self.harden("--burn", "chip-key", *files, *more, typed=typed, answer=answer)

    @property
    def efuses(self):
        return self.token.board.efuses

    @property
    def status(self):
        return self.line("status", "--json").json

    def restart(self):
        self.token.power_off()
        self.token.power_on()
        self.token.wait_until_ready()


@pytest.fixture
def bench(tmp_path, capfd, monkeypatch):
    """Return what makes a Bench that runs."""
    benches = []

    def make(chip="esp32c3"):
        benches.append(Bench(chip, tmp_path, capfd, monkeypatch))
        return benches[-1].__enter__()

    yield make
    for each in benches:
        each.__exit__()


def entering(bench, *pins):
    """Return what somebody does who holds for the question, and enters these PINs then."""

    def answer(notice):
        if notice == "hold":
            bench.token.press(3.3, 0.7)
        else:
            typist = Typist(bench.token)
            for pin in pins:
                typist.enter(pin)

    return answer


def with_pin(bench):
    bench.line.put(ALICE)
    result = bench.line("pin", "set", answer=entering(bench, PIN, PIN))
    assert result.code == 0, result
    return bench


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
    answers.remember(chip.serial, 0, answers.of_key(bytes(32)))
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


def burn_raw(chip, number, key=b"k" * 32, purpose=8, hide=True):
    """Burn a block of both the loader's and the token's eFuses, as somebody else did."""
    chip.efuses.keys[number] = key
    chip.efuses.purposes[number] = purpose
    base = chip.chip.REGS.DR_REG_EFUSE_BASE
    at = 24 + 4 * number if number < 2 else 4 * (number - 2)
    chip.chip.update_reg(base + (0x34 if number < 2 else 0x38), 0xFFFFFFFF, purpose << at)
    if hide:
        chip.efuses.read_protected |= 1 << number
        chip.chip.update_reg(base + 0x30, 0xFFFFFFFF, 1 << number)
    else:
        words = [int.from_bytes(key[each : each + 4], "little") for each in range(0, 32, 4)]
        for place, word in enumerate(words):
            chip.chip.update_reg(base + 0x9C + 32 * number + 4 * place, 0xFFFFFFFF, word)


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
    chip.line("pin", "bind", answer=HOLD).refused(5, words)


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
    assert result.code == 5 and "same answer" in result.err and "continues" in result.err
    assert not chip.status["bound"]


@pytest.mark.long
def test_a_block_that_does_not_read_back_is_not_bound_to(bench, monkeypatch):
    chip = bench()
    # The protection is burnt, and hides nothing.
    monkeypatch.setattr(chip.chip, "check_rd_protection_area", lambda: None)
    result = chip.burn(typed=f"burn chip-key {chip.serial}\n")
    assert result.code == 5 and "read" in result.err
    assert not chip.status["bound"]


def test_a_firmware_that_does_not_know_it_is_refused(bench, monkeypatch):
    chip = bench()
    monkeypatch.setattr("tokenctl.cli.chip_key.CAPABILITY", "something_newer")
    chip.burn().refused(16, "update it with tokenctl flash", "nothing was burnt")


@pytest.mark.long
def test_it_is_burnt_by_itself(bench):
    chip = bench()
    result = chip.harden(
        *("--burn", "chip-key", "--burn", "jtag", "--micropython", str(chip.image)),
        *("--board", str(chip.wiring)),
    )
    assert (result.code, result.out) == (16, "") and "by itself" in result.err


@pytest.mark.long
def test_another_board_than_the_token_is_refused(bench):
    chip = bench()
    chip.token.board.serial = bytes(6)
    chip.restart()
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
    chip.line("pin", "bind", answer=HOLD).refused(5, "published test key")
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
