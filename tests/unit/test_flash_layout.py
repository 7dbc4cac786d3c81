"""The partition table: read back by an independent tool, and its bytes by hand."""

import hashlib
import itertools

import pytest
from esp_idf_defs import PartitionTable
from mp_image_tool_esp32.partition_table import PartitionTable as OtherTable

from tokenctl.flashing import layout

ROWS = {  # label: type, subtype, offset, size
    "nvs": (1, 0x02, 0x9000, 0x6000),
    "phy_init": (1, 0x01, 0xF000, 0x1000),
    "factory": (0, 0x00, 0x10000, 0x270000),
    "vfs": (1, 0x81, 0x300000, 0xC0000),
    "vault": (1, 0x40, 0x280000, 0x80000),
}


def test_another_tool_reads_it():
    table = PartitionTable.from_binary(layout.table())
    table.verify()
    found = {row.name: (row.type, row.subtype, row.offset, row.size) for row in table}
    assert found == ROWS
    assert table.to_binary() == layout.table()


def test_a_second_tool_reads_it_as_well():
    table = OtherTable.from_bytes(layout.table(), 4 * 1024 * 1024)
    table.check()
    found = {row.name: (row.type, row.subtype, row.offset, row.size) for row in table}
    assert found == ROWS
    assert [row.flags for row in table] == [0] * len(ROWS)
    assert table.app_part.name == "factory"
    again = OtherTable.from_bytes(table.to_bytes(), 4 * 1024 * 1024)  # it sorts them
    assert {row.name: row.offset for row in again} == {name: row[2] for name, row in ROWS.items()}


def test_its_bytes():
    table = layout.table()
    assert len(table) == 0xC00
    assert table[128:160] == (
        bytes.fromhex("aa50 01 40 00002800 00000800") + b"vault".ljust(16, b"\0") + bytes(4)
    )
    assert table[160:176] == b"\xeb\xeb" + b"\xff" * 14
    assert table[176:192] == hashlib.md5(table[:160]).digest()
    assert set(table[192:]) == {0xFF}


def test_rows_lie_within_4_megabytes_and_apart():
    ordered = sorted(layout.ROWS, key=lambda row: row.offset)
    for row, following in itertools.pairwise(ordered):
        assert row.end <= following.offset
    assert ordered[0].offset >= 0x8000 + 0x1000
    assert ordered[-1].end <= 4 * 1024 * 1024
    assert all(row.offset % 4096 == row.size % 4096 == 0 for row in ordered)
    assert layout.FACTORY.offset % 0x10000 == 0  # as the boot loader wants it


def test_the_simulated_board_has_the_same_vault():
    from tokensim.board.board import FLASH_SIZE

    assert layout.VAULT.size == FLASH_SIZE


def test_what_was_made_is_parsed():
    assert layout.parse(layout.table()) == layout.ROWS


def test_a_table_without_md5_is_parsed():
    assert layout.parse(layout.table()[:160] + b"\xff" * 0xB60) == layout.ROWS


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 0xC00,
        bytes(0xC00),
        layout.table()[:9] + b"\x77" + layout.table()[10:],  # another offset: the MD5 is wrong
    ],
)
def test_no_table(data):
    with pytest.raises(layout.NoTable):
        layout.parse(data)
