"""A token with a thousand accounts whose names are as long as names may be."""

import subprocess
from pathlib import Path

import pytest
from e2e.conftest import presser
from support.on_micropython import environment

from tokenctl.device.token import Token
from tokensim.port.unix_port import executable
from tokensim.token import SimulatedToken

COUNT = 1000
NAME_MAX = 64  # bytes of UTF-8, for issuer and account each
FILL = f"""
import sys
from fileflash import FileFlash
from vaults import power_up
from otpcore.account import Account
flash = FileFlash(sys.argv[1], 128)
vault = power_up(flash)
for n in range({COUNT}):
    name = "%04d" % n + "é" * {(NAME_MAX - 4) // 2}
    vault.add(b"%08d" % n, Account("ß" * {NAME_MAX // 2}, name, b"%020d" % n))
flash.close()
"""


@pytest.mark.long
@pytest.mark.timeout(400)
def test_it_starts_lists_them_all_and_gives_a_code(tmp_path: Path):
    script = tmp_path / "fill.py"
    script.write_text(FILL)
    subprocess.run(
        [executable(), "-X", "heapsize=1M", script, tmp_path / "flash.bin"],
        env=environment(),
        check=True,
        timeout=200,
    )
    with SimulatedToken(tmp_path) as sim, Token(sim.transport(), presser(sim)) as token:
        token.sync()
        accounts = token.accounts()
        assert len(accounts) == COUNT
        assert {len(each.name.encode()) for each in accounts} == {NAME_MAX}
        assert {each.issuer for each in accounts} == {"ß" * (NAME_MAX // 2)}
        assert len(token.code(accounts[-1].account_id).code) == 6
        state = token.status()
        assert (state.account_count, state.damaged_count, state.changed) == (COUNT, 0, False)
        sim.wait(31)
        sim.press()
        sim.wait(3)
        assert sim.board.panel.lit and sim.chip.resets == 0
