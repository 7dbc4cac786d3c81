"""The release as it is built runs on MicroPython 1.24 to 1.29, and takes what is written down."""

import base64
import json
import sys
from pathlib import Path

import pyotp
import pytest
from support.hash_time import chip_hashes

sys.path.append(str(Path(__file__).parents[2]))  # bench/ is not installed

from bench import figures, samples  # noqa: E402
from bench.heap32 import driver, person, states, versions  # noqa: E402

from tokenctl.device.token import Token  # noqa: E402
from tokensim.port.interpreter import BOARD  # noqa: E402

__all__ = ["chip_hashes"]

needs_node = pytest.mark.skipif(not versions.are_here(), reason=versions.MISSING)
each_version = pytest.mark.parametrize("version", versions.VERSIONS)


@needs_node
@pytest.mark.long
@each_version
def test_a_token_is_provisioned_gives_codes_and_takes_a_pin(version, tmp_path):
    (enrolment,) = samples.enrolments(1)
    with driver.token(tmp_path, versions.node(version)) as board:
        someone = person.who_sets_the_pin(board)
        with Token(board.transport(), someone) as token:
            token.sync()
            account_id = token.add(enrolment.account)
            assert right(board, token.code(account_id).code, enrolment.account.secret)
            token.change_pin()
        person.lock_and_unlock(board, someone)
        with Token(board.transport(), someone) as token:
            assert right(board, token.code(account_id).code, enrolment.account.secret)
        assert board.chip.resets in (0, 2)  # those that it plans, to draw the PIN's key


def right(board, code: str, secret: bytes) -> bool:
    """Tell whether a code is of now, or of the moment before."""
    now = board.time.now() / 1e9
    totp = pyotp.TOTP(base32(secret))
    return code in (totp.at(now), totp.at(now - 30))


def base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode()


@needs_node
@pytest.mark.long
@each_version
def test_it_takes_what_is_written_down(version, tmp_path):
    measured = versions.measured(version, tmp_path)
    assert figures.grown(measured, figures.read()) == []
    assert max(measured.values()) <= states.AT_REST < BOARD


def test_the_versions_are_those_that_are_promised():
    assert [each.split(".")[1] for each in versions.VERSIONS] == [
        "24",
        "25",
        "26",
        "27",
        "28",
        "29",
    ]
    lock = json.loads((driver.HERE / "versions/package-lock.json").read_text())
    assert all("resolved" not in each for each in lock["packages"].values())
    assert sum("integrity" in each for each in lock["packages"].values()) == len(versions.VERSIONS)
