"""Bytes of the archive, changed: what is loaded then is what was built, or nothing is.

Of the table every TABLE_STEP-th, of the units every STEP-th; `make torture` tries every byte.
"""

import struct
import subprocess
from pathlib import Path

import pytest

from tokenctl.payload import firmware_folder
from tokenctl.release import archive
from tokenctl.release.build import ARCHIVE, build
from tokensim.port.unix_port import executable

pytestmark = pytest.mark.slow

STEP, TABLE_STEP = 97, 5  # bytes, of the units, and of the table, whose entries have 12
ALL = 1 << 16  # units: more than there are
# Changes one byte after the other, and loads the unit that it is in; of a byte of the table those
# whose entries are up to NEAR from it, and the first and the last one. Prints how often that was
# refused, and how often the unit was what it should be. Anything else ends it.
SCRIPT = """
import struct, sys
import units

PATH, STEP, TABLE_STEP, NEAR, IDENTITY = "app.bin", %d, %d, %d, %r
with open(PATH, "rb") as file:
    whole = file.read()
count = struct.unpack(">H", whole[6:8])[0]
table = [struct.unpack_from(">II", whole, 16 + 12 * n) for n in range(count)]
table = [(start, length & 0x7FFFFFFF) for start, length in table]
first = min(start for start, _ in table)
archive = units._archive
counts = {"refused": 0, "right": 0}


def outcome(number):
    archive._at = 0  # as in a new start
    try:
        archive.begin(PATH, IDENTITY)
        archive.find(number)
    except (units.Damaged, OSError, ValueError):
        return "refused"
    start, length = table[number]
    with archive.open(None, None) as file:
        assert file.read(length) == whole[start : start + length], number
    return "right"


places = list(range(16)) + list(range(16, first, TABLE_STEP))
for place in places + list(range(first, len(whole), STEP)):
    with open(PATH, "r+b") as file:
        file.seek(place)
        file.write(bytes([whole[place] ^ (1 << place %% 8)]))
    entry = (place - 16) // 12
    for number in range(count):
        start, length = table[number]
        if place < 16:
            tried = True
        elif place < first:
            tried = abs(number - entry) <= NEAR or number in (0, count - 1)
        else:
            tried = start <= place < start + length
        if tried:
            found = outcome(number)
            assert place < first or found == "refused", place
            counts[found] += 1
    with open(PATH, "r+b") as file:
        file.seek(place)
        file.write(whole[place : place + 1])
print(counts["refused"], counts["right"])
"""


@pytest.mark.parametrize(
    ("step", "table_step", "near"),
    [(STEP, TABLE_STEP, 1), pytest.param(1, 1, ALL, marks=pytest.mark.long)],
)
def test_a_changed_byte_is_refused_or_changes_nothing(
    tmp_path: Path, step: int, table_step: int, near: int
):
    whole = build(firmware_folder(), "xtensawin").files[ARCHIVE]
    (tmp_path / ARCHIVE).write_bytes(whole)
    (tmp_path / "flip.py").write_text(SCRIPT % (step, table_step, near, archive.identity(whole)))
    done = subprocess.run(
        [executable(), "-X", "heapsize=8M", "flip.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"MICROPYPATH": f"{firmware_folder()}:.frozen"},
    )
    assert not done.returncode and not done.stderr, done.stdout + done.stderr
    refused, right = map(int, done.stdout.split())
    (count,) = struct.unpack_from(">H", whole, 6)
    table = 16 + 12 * count
    assert refused >= (len(whole) - table) // step + 12  # all of the content; magic and identity
    others = min(count, 2 * near + 3) - 2  # an entry of the table is that of one unit
    assert right > 12 * count * others // 2 // table_step
