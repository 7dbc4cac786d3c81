"""tokenctl flash and harden at a simulated token's port: its chip's loader, flash and eFuses."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from e2e.loader_bench import BOARDS, C3, Bench
from e2e.processes import HOLD_SECONDS, Terminal, run, running
from esptool.cmds import detect_chip, run_stub, write_flash
from support.flashing import images
from support.flashing.wire import to_token

from otpcore.account import Account
from tokenctl.device.token import Token
from tokenctl.flashing import flasher
from tokenctl.flashing.layout import VAULT
from tokenctl.flashing.loader import Loader
from tokensim.board.board import Parts
from tokensim.board.wiring import read
from tokensim.link.rfc2217 import Rfc2217Link
from tokensim.port.repl import Repl
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

ALICE = Account("Example", "alice@example.com", b"12345678901234567890")


@pytest.fixture
def bench(tmp_path, monkeypatch, capfd):
    """Return what makes a Bench that runs, by the name of its folder."""
    benches = []

    def make(name="state", wiring=C3):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        benches.append(Bench(folder / "s", monkeypatch, capfd, wiring))
        return benches[-1].__enter__()

    yield make
    for each in benches:
        each.__exit__()


def loader_of(bench) -> Any:
    """Return esptool's own loader in the chip of a bench's token."""
    wire: Any = to_token(bench.token)
    return run_stub(detect_chip(wire))


def test_flash_then_burn_then_bind_and_a_copy_opens_nowhere_else(bench):
    """What somebody would rather try here first: on a real board it cannot be undone."""
    mine = bench()
    mine.line.put(ALICE)
    refused = mine.burn()
    assert refused.code == 16 and "run tokenctl flash first" in refused.err, refused
    assert not any(mine.token.board.efuses.purposes)
    flashed = mine.flash()
    assert flashed.code == 0 and "The vault is left unchanged" in flashed.err, flashed
    burnt = mine.burn()
    assert burnt.code == 0, burnt
    efuses = mine.token.board.efuses
    assert (efuses.purposes, efuses.read_protected) == ([8, 0, 0, 0, 0, 0], 1)
    mine.restart()
    assert mine.status["bound"] and [each.name for each in mine.line.stored()] == [ALICE.name]
    (measure,) = [
        each
        for each in json.loads(mine("harden", "--json").out)["measures"]
        if each["name"] == "chip-key"
    ]
    assert (measure["state"], measure["efuse"]) == ("burnt", "BLOCK_KEY0")

    other = bench("other")
    other.token.board.efuses.burn(0, bytes(range(32)))
    copied: Any = loader_of(mine).read_flash(VAULT.offset, VAULT.size)
    assert copied == mine.token.board.flash.read(0, VAULT.size)
    write_flash(loader_of(other), [(VAULT.offset, copied)], flash_size="keep")
    other.restart()
    other.line("list").refused(6, "another chip")


def test_reaching_the_loader_restarts_the_token_and_leaves_its_accounts(bench):
    mine = bench(wiring=BOARDS / "esp32-devkit.json")
    mine.line.put(ALICE)
    resets = mine.token.chip.resets
    shown = mine("harden", "--json")
    assert shown.code == 0 and shown.json["serial"] == mine.serial
    assert {each["state"] for each in shown.json["measures"]} == {"open"}
    assert mine.token.chip.resets == resets + 2, "into the loader, and out of it"
    mine.token.wait_until_ready()
    assert [each.name for each in mine.line.stored()] == [ALICE.name]


def test_closing_the_loader_is_final_and_the_token_still_works(bench):
    mine = bench()
    assert mine.flash().code == 0
    files = ("--micropython", str(mine.image), "--board", str(mine.wiring))
    burnt = mine("harden", "--burn", "loader", *files, typed=f"burn loader {mine.serial}\n")
    assert burnt.code == 0, burnt
    refused = mine("harden")
    assert refused.code == 4 and "a loader that has been disabled never answers" in refused.err
    mine.restart()
    assert mine.status["account_count"] == 0


def test_a_board_with_less_flash_than_the_image_is_for_starts(bench):
    mine = bench(wiring=BOARDS / "esp32s3-devkit.json")
    mine.image.write_bytes(images.micropython("v1.25.0", "esp32s3", megabytes=8))
    flashed = mine.flash()
    assert flashed.code == 0, flashed
    assert mine.token.obstacle is None and mine.status["account_count"] == 0


def test_a_flash_that_no_chip_could_start_starts_nothing(bench):
    mine = bench()
    assert mine.flash("--dry-run").code == 0
    assert mine.token.obstacle is None and not mine.token.chip.boot_rom.flash.was_written
    assert mine.flash().code == 0
    around = mine.token.chip.boot_rom.flash
    for address, says in ((0x300000, "no firmware"), (0x8000, "another partition table")):
        around.erase(address, 8192)
        mine.token.reset()
        mine.token.wait(2)
        assert says in (mine.token.obstacle or "") and not mine.token.chip.ready
    assert mine.flash().code == 0, "its loader is in the chip, and repairs it"
    assert mine.token.obstacle is None and mine.status["account_count"] == 0


def test_a_development_build_in_the_flash_is_not_run(bench, monkeypatch):
    mine = bench()
    monkeypatch.setattr(flasher.wait_for_hello, "__defaults__", (None, (), 0.0))
    assert mine.flash("--development").code == 4
    assert "a development build" in mine.token.obstacle


def test_the_wiring_in_the_flash_is_what_the_firmware_gets(bench, tmp_path):
    definition = json.loads(C3.read_text())
    definition["name"] = "another wiring"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(definition))
    mine = bench()
    mine.wiring = other
    assert mine.flash().code == 0
    mine.token.wait_until_ready()
    assert mine.status["board"] == "another wiring"


def test_power_that_fails_while_the_vault_is_erased(bench):
    mine = bench()
    mine.line.put(ALICE)
    mine.token.cut_power(3)
    lost = mine.flash("--erase", typed="erase\n")
    assert lost.code == 10 and "run the same command again" in lost.err, lost
    assert not mine.token.chip.powered
    mine.restart()
    assert mine.flash("--erase", typed="erase\n").code == 0
    assert mine.status["account_count"] == 0


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's
def test_in_real_time_the_lines_reach_the_loader_and_leave_it():
    with SimulatedToken(endpoint=Rfc2217Link(), parts=Parts(definition=read(C3))) as token:
        with Loader(token.port) as found:
            assert found.mac == token.board.serial.hex().upper()
        token.wait_until_ready()
        assert token.chip.resets == 2
        with Token.open(token.port) as opened:
            assert opened.identity.serial == found.mac
        assert token.chip.resets == 2, "opening a port resets nothing"


def test_a_token_with_a_flash_that_starts_nothing_is_run_all_the_same():
    """So that it can be flashed again."""
    state = Path(tempfile.mkdtemp(prefix="sim-"))
    (state / "flash-around.bin").write_bytes(b"\xff" * (4 << 20))
    with running(state, "--rfc2217", "0") as token:
        lines: Any = token.process.stderr
        assert any("Warning: the flash has no boot loader" in line for line in lines)
    shutil.rmtree(state)


@pytest.mark.long
def test_the_commands_that_the_manual_has(tmp_path):
    """Flash, burn, bind, and a restart of tokensim, each as its own process."""
    image = tmp_path / "micropython.bin"
    image.write_bytes(images.micropython("v1.26.0", "esp32c3"))
    state = Path(tempfile.mkdtemp(prefix="sim-"))
    files = ("--micropython", str(image), "--board", str(C3))
    with running(state, "--board", str(C3), "--rfc2217", "0") as token:
        ask = ("--port", token.port)
        code, _, said = run("tokenctl", *ask, "flash", *files)
        assert code == 0, said
        serial = json.loads(run("tokenctl", *ask, "status", "--json")[1])["serial"]
        burn = Terminal(*ask, "harden", "--burn", "chip-key", *files)
        with burn:
            burn.until(f"Type 'burn chip-key {serial}' to continue: ")
            burn.type(f"burn chip-key {serial}\n")
            token.answer(burn.asked, HOLD_SECONDS)
            assert burn.finish()[0] == 0, burn.shown
    with running(state, "--rfc2217", "0") as token:
        code, out, said = run("tokenctl", "--port", token.port, "status", "--json")
        assert code == 0, said
        assert json.loads(out)["bound"] and json.loads(out)["serial"] == serial
        code, out, said = run("tokenctl", "--port", token.port, "harden", "--json")
        assert code == 0, said
        states = {each["name"]: each["state"] for each in json.loads(out)["measures"]}
        assert (states["chip-key"], states["jtag"]) == ("burnt", "open")
    shutil.rmtree(state)


def test_with_a_repl_there_is_no_loader(tmp_path):
    token = SimulatedToken(runtime=Runtime(repl=Repl(tmp_path)))
    assert b"disabled" in token.chip.boot_rom.enter()
    assert token.chip.boot_rom.loader is None
    token.close()
