"""What the release has at rest was recorded from the firmware as it is."""

import sys
from pathlib import Path

import pytest
from support.hash_time import chip_hashes

from tokenctl.payload import firmware_folder
from tokenctl.release import record

sys.path.insert(0, str(Path(__file__).parents[2]))
from tools.record import is_up_to_date, run  # noqa: E402

__all__ = ["chip_hashes"]

pytestmark = pytest.mark.slow


def test_the_record_is_what_a_token_at_rest_runs_today():
    found, kept = run(firmware_folder()), record.read(firmware_folder())
    assert is_up_to_date(found), "make record, and commit firmware/rest.json"
    # A token at rest shows codes, and neither writes accounts nor asks for anything.
    assert "tokenfw.ui.codes:Codes.paint" in kept.functions
    assert "tokenfw.vault.contents.store:Store.add" not in kept.functions
