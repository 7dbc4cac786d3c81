"""harden, and a token that is pulled out at any message, or exchanged for another on the way.

What is burnt is burnt for good: whatever happens, another token than the one that was asked and
confirmed is never burnt, and no sentence says that nothing was where something may be.
"""

from collections.abc import Iterator

import pytest
from e2e.harden_bench import Bench, bench
from support.flashing import mockboard
from support.flashing.mockboard import MockSerialBoard
from unit.every_command import FIRST, LINES, SERIALS, Computer
from unit.test_pulled_out import plugged

from tokensim.token import SimulatedToken

__all__ = ["bench"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

BOARD_SERIAL = "240AC41F677D"  # of the mock's ESP32-C3
TYPED = f"burn jtag {BOARD_SERIAL}\n"
NO_LOADER, LOST, UNFINISHED, REFUSED = 4, 5, 10, 16
(BURN,) = (each for each in LINES if each.arguments == ("harden", "--burn", "jtag"))
SOME = 7  # of the messages, outside of `make torture`


def messages(chip: Bench, patch: pytest.MonkeyPatch) -> tuple[list[int], int]:
    """Burn once; return after how many bytes each message to the loader ends.

    And the number of those before anything was burnt.
    """
    ends: list[int] = []
    before = chip.words()
    unburnt = 0
    receive = mockboard._Cable.recv

    def counted(cable: mockboard._Cable, size: int) -> bytes:
        nonlocal unburnt
        data = receive(cable, size)
        at = chip.board.received - len(data)
        ends.extend(at + n + 1 for n, byte in enumerate(data) if byte == 0xC0)
        if chip.words() == before:
            unburnt = len(ends)
        return data

    with patch.context() as watched:
        watched.setattr(mockboard._Cable, "recv", counted)
        assert chip.burn("jtag", stdin=TYPED).code == 0
    return ends[1::2], unburnt // 2  # each has one at its beginning, too


def chosen(count: int, unburnt: int, *, every: bool) -> Iterator[int]:
    """Yield at which messages it is pulled out: most while eFuses are written."""
    few = SOME // 2
    yield from range(0, unburnt, 12 if every else max(1, unburnt // few))
    yield from range(unburnt, count, 3 if every else max(1, (count - unburnt) // few))


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
def test_it_is_pulled_out_at_a_message_to_the_loader(bench, monkeypatch, record_property, every):
    first = bench("esp32c3")
    first.flash()
    ends, unburnt = messages(first, monkeypatch)
    assert 50 < unburnt < len(ends)
    counts = {"nothing was burnt": 0, "it may have been, and that is said": 0}
    for number in chosen(len(ends), unburnt, every=every):
        chip = bench("esp32c3")
        chip.flash()
        before = chip.words()
        chip.board.cut_after(ends[number])
        result = chip.burn("jtag", stdin=TYPED)
        burnt = chip.words() != before
        if result.code == 0:  # it was only to be started again
            assert burnt and "Burnt: jtag" in result.out, (number, result)
            continue
        assert result.code in (NO_LOADER, LOST, UNFINISHED, REFUSED), (number, result)
        assert result.out == "" and "Traceback" not in result.err, (number, result)
        (sentence,) = (each for each in result.err.splitlines() if each.startswith("Error: "))
        if burnt:
            assert "tokenctl harden shows what is burnt" in sentence, (number, sentence)
            assert "othing was burnt" not in result.err
            counts["it may have been, and that is said"] += 1
        else:
            counts["nothing was burnt"] += 1
    assert all(counts.values()), counts
    record_property("attack", ["harden, pulled out at a message", counts])


@pytest.fixture
def computer(monkeypatch, capfd, tmp_path) -> Computer:
    computer = Computer(monkeypatch, capfd, tmp_path)
    monkeypatch.setattr(
        "tokenctl.flashing.loader_port.opened", lambda port: computer.loaders.append(port)
    )
    return computer


def test_it_is_pulled_out_while_it_says_hello(computer: Computer):
    whole = plugged(computer, BURN, FIRST)
    computer(BURN, "--port", FIRST)
    assert computer.loaders == [FIRST] and whole.events > 1
    for life in range(whole.events):
        computer.loaders.clear()
        plugged(computer, BURN, FIRST, life)
        ended = computer(BURN, "--port", FIRST)
        if computer.loaders:  # all that was to be asked had been answered
            assert life == whole.events - 1
            continue
        assert ended.code == REFUSED and "nothing was burnt" in ended.said[-1], (life, ended)


@pytest.mark.parametrize("burn", ["jtag", "chip-key"])
def test_another_serial_number_is_refused_before_the_loader(computer: Computer, burn: str):
    """It said so only once the board was in its loader, its token restarted for nothing."""
    (line,) = (each for each in LINES if each.arguments == ("harden", "--burn", burn))
    computer.plug(line)
    ended = computer(line, "--port", FIRST, "--serial", "240AC4E29527")
    assert ended.code == NO_LOADER and not computer.loaders, ended
    assert SERIALS[FIRST] in ended.said[-1]


def test_the_board_in_the_loader_is_the_token_that_answered(bench, monkeypatch):
    """Somebody changes the boards while the port waits for BOOT: the other one works, too."""
    chip = bench("esp32")
    with MockSerialBoard() as board, SimulatedToken() as token:
        chip.port, chip.board = board.port, board
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: token.transport())
        chip.flash()
        before = chip.words()
        result = chip.burn("jtag", stdin="burn jtag 240AC4E29526\n")
        assert result.code == REFUSED and result.out == "", result
        assert "is not the token that answered; nothing was burnt." in result.err
        assert chip.words() == before
        token.board.serial = bytes.fromhex("240AC4E29526")
        token.reset()
        token.wait_until_ready()
        assert chip.burn("jtag", stdin="burn jtag 240AC4E29526\n").code == 0
