"""A token with a thousand accounts, with the whole firmware in the board's heap."""

import subprocess
from pathlib import Path

import pytest
from e2e.test_app_password import is_shown
from e2e.typist import Typist
from support.on_micropython import environment

from otpcore.account import Account
from tokenctl.device.token import Token
from tokensim.port.unix_port import executable
from tokensim.token import SimulatedToken

PIN = "102010"

FILL = """
import sys
from fileflash import FileFlash
from vaults import power_up
from otpcore.account import Account
flash = FileFlash(sys.argv[1], 128)
vault = power_up(flash)
for n in range(1000):
    issuer = ("GitHub", "Microsoft (Contoso)", "Amazon Web Services", "VPN")[n % 4]
    vault.add(b"%08d" % n, Account(issuer, "first.last%d@example.com" % n, b"%020d" % n))
flash.close()
"""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder whose vault holds a thousand accounts of realistic length."""
    folder = tmp_path_factory.mktemp("thousand")
    script = folder / "fill.py"
    script.write_text(FILL)
    subprocess.run(
        [executable(), "-X", "heapsize=1M", script, folder / "flash.bin"],
        env=environment(),
        check=True,
        timeout=100,
    )
    return folder


def test_it_starts_shows_lists_and_takes_a_pin(state):
    with SimulatedToken(state) as board:

        def at_the_token(notice: str) -> None:
            typist = Typist(board)
            if notice == "pin":
                typist.enter(PIN).enter(PIN)
            elif notice != "restarts":
                typist.press()

        with Token(board.transport(), at_the_token) as token:
            token.sync()
            accounts = token.accounts()
            assert len(accounts) == 1000
            assert {each.name for each in accounts} == {
                f"first.last{n}@example.com" for n in range(1000)
            }
            last = accounts[-1]
            assert len(token.code(last.account_id).code) == 6
            token.rename(last.account_id, "Renamed", last.name)
            assert board.chip.resets == 0
            token.change_pin()
            assert token.status().account_count == 1000
        assert board.chip.resets in (0, 2)  # those that it plans, to draw its key
    with SimulatedToken(state) as board, Token(board.transport(), at_the_token_of(board)) as token:
        assert token.status().vault == "locked"
        assert len(token.accounts()) == 1000
        assert token.accounts()[-1].issuer == "Renamed"
        token.remove(token.accounts()[0].account_id)
        status = token.status()
        assert (status.account_count, status.damaged_count, status.changed) == (999, 0, False)
        token.add(Account("Mail", "alice", "qwkz-ZÄ8Il".encode(), "static"))
        board.press(second=True)  # from the first account to the last one
        board.wait(1)
        board.press(3.2)
        board.wait(4)
        assert is_shown(board), board.screen()
        assert board.chip.resets == 0


def at_the_token_of(board: SimulatedToken):
    """Return what somebody does who knows the PIN."""

    def act(notice: str) -> None:
        typist = Typist(board)
        typist.enter(PIN) if notice == "pin" else typist.press()

    return act
