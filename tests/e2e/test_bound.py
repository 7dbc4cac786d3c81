"""A simulated token whose vault is bound to its chip's key: unlocked, moved, looked at."""

import hmac
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.typist import Typist
from support.hash_time import chip_hashes

from otpcore.account import Account
from otpcore.errors import VaultDamaged
from otpcore.lines import LINE_MAX
from tokenctl.device.models import Status
from tokenctl.device.token import Token
from tokensim.board.board import Parts
from tokensim.board.wiring import read
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

__all__ = ["chip_hashes"]  # bound, a PIN's key takes 4,800 iterations at least

C3 = read(Path(__file__).parents[2] / "hardware" / "boards" / "esp32c3-devkit.json")
KEY, BLOCK = b"the key of this chip, 32 bytes.."[:32], 4
ANSWERS = b"".join(
    hmac.digest(KEY, b"otptoken: a chip's key, " + each, "sha256") for each in (b"one", b"two")
)
ALICE = Account("Example", "alice@example.com", b"12345678901234567890")
PIN, OTHER_PIN = "102010", "201020"
LINE_RATE = 115200 / 10  # bytes a second


def someone(board: SimulatedToken, *pins: str):
    """Return what somebody does at the token: says yes, and enters these PINs."""

    def answer(notice: str) -> None:
        if notice == "pin":
            for pin in pins:
                Typist(board).enter(pin)
        else:
            board.press(3.3 if notice == "hold" else 0.1, 0.7)

    return answer


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Status, Status]:
    """A token with a PIN and an account, bound to its chip; its status before and after that."""
    folder = tmp_path_factory.mktemp("bound") / "state"
    with SimulatedToken(folder, parts=Parts(definition=C3)) as board:
        board.board.efuses.burn(BLOCK, KEY)
        with Token(board.transport(), someone(board, PIN, PIN)) as token:
            token.add(ALICE)
            token.change_pin()
            before = token.status()
        with Token(board.transport(), someone(board, PIN)) as token:
            token.chip.bind(BLOCK, ANSWERS)
            return folder, before, token.status()


@pytest.fixture(scope="module")
def state(made: tuple[Path, Status, Status]) -> Path:
    """The state of that token."""
    return made[0]


@pytest.fixture
def bound(state: Path, tmp_path: Path) -> Iterator[SimulatedToken]:
    """That token, switched on again."""
    shutil.copytree(state, tmp_path / "state")
    with SimulatedToken(tmp_path / "state") as board:
        yield board


def enter(board: SimulatedToken, pin: str = PIN) -> None:
    board.press()
    board.wait(2)
    Typist(board).enter(pin)


def status(board: SimulatedToken):
    with Token(board.transport()) as token:
        return token.status()


def test_half_of_the_rounds_make_room_for_the_chain(made):
    """So a PIN takes no longer than before; a C3's peripheral makes some 180,000 HMACs a second."""
    _, before, after = made
    assert after.pin_iterations == pytest.approx(before.pin_iterations / 2, rel=0.02)
    assert before.pin_chain == 0
    seconds = before.pin_iterations / 2 / (10_475 * 160 / 240)  # facts of the chip, at 160 MHz
    assert 0.9 < after.pin_chain / 180_000 / seconds < 1.0


def test_the_efuses_stay_with_the_state_and_are_nobody_elses(bound, tmp_path):
    file = tmp_path / "state" / "efuses.json"
    assert json.loads(file.read_text())["keys"][BLOCK] == KEY.hex()
    assert file.stat().st_mode & 0o077 == 0
    assert status(bound).bound
    with Token(bound.transport(), someone(bound, PIN)) as token:
        assert [each.name for each in token.accounts()] == [ALICE.name]


@pytest.mark.parametrize(
    ("size", "pause"),
    [
        (LINE_MAX, 0.04),  # seconds: a sender of ours waits for the acknowledgement
        (360, 0.0),  # any other
    ],
)
def test_what_a_computer_sends_while_it_unlocks(bound, size, pause):
    """No line is lost: interrupts are off for 3 ms at most, and the loop has its turn."""
    enter(bound)
    flash, uart, chip = bound.board.flash, bound.chip.uart, bound.board.hmac
    before = flash.programs
    assert bound.wait_for(lambda: flash.programs > before, 30), "no attempt begins"
    begun, made = flash.programs, chip.made
    assert bound.wait_for(lambda: chip.made > made, 5), "no chain begins"
    received, dropped = uart.received, uart.dropped
    bound.board.interrupts.longest = 0
    piece = (b"AT+GCAP\r\n" * 40)[:size]
    while flash.programs == begun:  # until it is forgiven
        bound.send(piece)
        bound.wait(size / LINE_RATE + pause)
    assert chip.made > made + 50_000
    assert uart.received - received > LINE_RATE / (10 if pause else 2)
    if pause:
        assert uart.dropped == dropped
    assert 0 < bound.board.interrupts.longest <= 3_000_000
    assert status(bound).vault == "ready"


@pytest.mark.parametrize("key", [None, bytes(32), b"x" * 32], ids=["none", "zeros", "another"])
def test_on_another_chip_it_says_why_and_tries_no_pin(state, tmp_path, key):
    """The flash alone is taken along: the eFuses are that other chip's."""
    folder = tmp_path / "state"
    shutil.copytree(state, folder)
    (folder / "efuses.json").unlink()
    with SimulatedToken(folder) as board:
        if key is not None:
            board.board.efuses.burn(BLOCK, key)
        with Token(board.transport(), someone(board, PIN)) as token:
            with pytest.raises(VaultDamaged, match="another chip"):
                token.accounts()
            assert token.status().pin_attempts_left == 10
            assert token.chip.key().state != "usable" or key == b"x" * 32
    (folder / "efuses.json").write_text((state / "efuses.json").read_text())
    with SimulatedToken(folder) as board, Token(board.transport(), someone(board, PIN)) as token:
        assert len(token.accounts()) == 1


def test_on_a_chip_without_the_peripheral_it_says_why(state, tmp_path):
    """The flash of a C3, taken to an ESP32."""
    folder = tmp_path / "state"
    folder.mkdir()
    shutil.copy(state / "flash.bin", folder)
    with SimulatedToken(folder) as board, Token(board.transport(), someone(board, PIN)) as token:
        with pytest.raises(VaultDamaged, match="another chip"):
            token.accounts()
        assert (token.chip.key().state, token.status().pin_attempts_left) == ("absent", 10)


def test_a_module_that_hangs_in_the_midst_makes_no_attempt_count(bound):
    fails = iter(range(1000))

    def fault(result: bytes) -> bytes:
        if next(fails) > 500:
            bound.board.hmac.hangs = True
        return result

    bound.board.hmac.fault = fault
    with Token(bound.transport(), someone(bound, PIN)) as token:
        with pytest.raises(VaultDamaged, match="another chip"):
            token.accounts()
        assert token.status().pin_attempts_left == 10
        bound.board.hmac.fault, bound.board.hmac.hangs = lambda result: result, False
        bound.wait(2)
        assert len(token.accounts()) == 1


@pytest.fixture
def failing(bound) -> SimulatedToken:
    """That token, open, whose chip has just failed for good."""
    enter(bound)
    assert bound.wait_for(lambda: bound.board.hmac.made > 50_000, 30)
    bound.wait(1.5)
    assert status(bound).vault == "ready"
    bound.board.hmac.hangs = True
    return bound


def opens_elsewhere(board: SimulatedToken) -> bool:
    """Tell whether it opens on a chip without any key, with its PIN."""
    board.board.efuses.keys[BLOCK], board.board.efuses.purposes[BLOCK] = bytes(32), 0
    board.power_off()
    board.power_on()
    with Token(board.transport(), someone(board, PIN)) as token:
        return [each.name for each in token.accounts()] == [ALICE.name]


def test_what_would_be_lost_with_its_chip_is_freed_at_the_token(failing):
    """It does not lock, says so at once, and takes its PIN all the same."""
    failing.wait(600)
    assert status(failing).vault == "ready", "it has locked, or slept, for good"
    for seconds in (0.1, 0.1, 3.3):  # lit, read, and meant
        failing.press(seconds)
        failing.wait(seconds + 4)
    Typist(failing).enter(OTHER_PIN)  # a wrong one counts as ever
    failing.wait(30)
    assert status(failing).pin_attempts_left == 9
    Typist(failing).enter(PIN)
    failing.wait(60)
    assert not status(failing).bound
    assert opens_elsewhere(failing)


def test_a_computer_frees_it_while_it_is_open(failing):
    with Token(failing.transport(), someone(failing, PIN)) as token:
        with pytest.raises(VaultDamaged, match="pin unbind"):
            token.change_pin()
        with pytest.raises(VaultDamaged, match="pin unbind"):
            token.lock()
        token.chip.unbind()
    assert not status(failing).bound
    assert opens_elsewhere(failing)


def test_the_screen_of_a_bound_vault_without_a_pin_says_why(tmp_path):
    folder = tmp_path / "state"
    with SimulatedToken(folder, parts=Parts(definition=C3)) as board:
        board.board.efuses.burn(BLOCK, KEY)
        with Token(board.transport(), someone(board)) as token:
            token.chip.bind(BLOCK, ANSWERS)
            board.press()
            board.wait(1)
            before = board.screen()
    (folder / "efuses.json").unlink()
    with SimulatedToken(folder) as board:
        assert status(board).vault == "no_chip_key"
        board.press()
        board.wait(1)
        assert board.screen() != before
        with Token(board.transport(), someone(board)) as token:
            token.wipe()
            assert (token.status().vault, token.status().bound) == ("ready", False)


def resets_of(tmp_path: Path, program: str) -> int:
    """Return how often a C3 resets within a second of running a program."""
    firmware = tmp_path / "firmware"
    firmware.mkdir()
    (firmware / "main.py").write_text("import machine, time\n" + program)
    board = SimulatedToken(runtime=Runtime(firmware), parts=Parts(definition=C3))
    board.board.efuses.burn(1, KEY, purpose=9)
    try:
        board.power_on()
        board.wait(1)
        return board.chip.resets
    finally:
        board.close()


def test_a_wild_address_crashes_the_chip(tmp_path):
    """The simulated chip has the registers that it has, and nothing else."""
    assert resets_of(tmp_path, "machine.mem32[0x60080000]\n") >= 1


@pytest.mark.parametrize("resets, value", [(True, 0x90000000 - 2**32), (False, 0x90000000)])
def test_registers_read_as_signed_words(tmp_path, resets, value):
    """As MicroPython's port has it (its issue 12221): the second purpose is in the highest bits."""
    program = f"if machine.mem32[0x60008834] == {value}: machine.reset()\ntime.sleep(9)\n"
    assert (resets_of(tmp_path, program) >= 1) == resets
