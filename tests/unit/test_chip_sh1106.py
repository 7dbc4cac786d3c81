"""The SH1106 model against Sino Wealth's data sheet, with command streams written by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokensim.chips.sh1106 import SH1106

UPRIGHT = "A1 C8 AD 8B AF"


def commands(chip, *stream):
    chip.start()
    chip.write(b"\x00" + b"".join(s if isinstance(s, bytes) else bytes.fromhex(s) for s in stream))


def data(chip, values):
    chip.start()
    chip.write(b"\x40" + bytes(values))


def fill(chip, picture):
    """Write all of the RAM: 8 pages of 132 bytes."""
    for page in range(8):
        commands(chip, bytes([0xB0 | page, 0x00, 0x10]))
        data(chip, picture[page * 132 : page * 132 + 132])


def panel(init=UPRIGHT):
    """A module that has been set up and cleared."""
    chip = SH1106()
    commands(chip, init)
    fill(chip, bytes(8 * 132))
    return chip


def lit_pixels(chip):
    return {(x, y) for y, row in enumerate(chip.pixels()) for x, on in enumerate(row) if on}


def ram_with(points):
    """The RAM with these points of the panel lit: its left column is the RAM's third."""
    ram = bytearray(8 * 132)
    for x, y in points:
        ram[y // 8 * 132 + x + 2] |= 1 << y % 8
    return ram


def written(chip):
    """(page, column) of the RAM bytes that are not zero, in the order of their values."""
    cells = [(value, place // 132, place % 132) for place, value in enumerate(chip.ram) if value]
    return [(page, column) for _, page, column in sorted(cells)]


points = st.sets(st.tuples(st.integers(0, 127), st.integers(0, 63)), max_size=30)


@given(points)
def test_upright_with_a1_and_c8_the_panel_begins_in_the_third_column(drawn):
    chip = panel()
    fill(chip, ram_with(drawn))
    assert lit_pixels(chip) == drawn


@given(points)
def test_upside_down_with_a0_and_c0(drawn):
    chip = panel("A0 C0 AD 8B AF")
    fill(chip, ram_with(drawn))
    assert lit_pixels(chip) == {(127 - x, 63 - y) for x, y in drawn}


def test_the_outer_two_columns_on_either_side_are_not_seen():
    chip = panel()
    for column in (0, 1, 130, 131):
        commands(chip, bytes([0xB3, column & 15, 0x10 | column >> 4]))
        data(chip, b"\xff")
    assert len(written(chip)) == 4
    assert not lit_pixels(chip)


def test_columns_turn_in_what_is_shown():
    """A0h/A1h change which segment shows a column, not where data goes."""
    chip = panel()
    fill(chip, ram_with({(3, 5)}))
    commands(chip, "A0")
    assert lit_pixels(chip) == {(124, 5)}


def test_scan_direction_acts_at_once():
    chip = panel()
    fill(chip, ram_with({(3, 5)}))
    commands(chip, "C0")
    assert lit_pixels(chip) == {(3, 58)}


@pytest.mark.parametrize("line", [0, 1, 8, 63])
def test_start_line_comes_to_the_top(line):
    chip = panel()
    fill(chip, ram_with({(0, line)}))
    commands(chip, bytes([0x40 | line]))
    assert lit_pixels(chip) == {(0, 0)}


def test_display_offset_moves_towards_com0():
    chip = panel()
    fill(chip, ram_with({(0, 0)}))
    commands(chip, "D3 10")
    assert lit_pixels(chip) == {(0, 16)}


def test_sequential_pads_on_a_panel_wired_for_alternating_ones_interleave():
    chip = panel("A1 C8 DA 02 AD 8B AF")
    fill(chip, ram_with({(0, y) for y in range(32)}))
    assert {y % 2 for _, y in lit_pixels(chip)} == {0}


def test_inverse_and_all_on():
    chip = panel()
    fill(chip, ram_with({(3, 5)}))
    commands(chip, "A7")
    assert len(lit_pixels(chip)) == 128 * 64 - 1
    commands(chip, "A6 A5")
    assert len(lit_pixels(chip)) == 128 * 64
    commands(chip, "A4")
    assert lit_pixels(chip) == {(3, 5)}


@pytest.mark.parametrize(
    ("init", "lit"), [("", False), ("AF", True), ("AD 8A AF", False), ("AD 8A AF AD 8B", True)]
)
def test_shines_with_display_and_converter_on(init, lit):
    """The converter is enabled by power-on reset; it runs while the display is on."""
    chip = SH1106()
    commands(chip, init, "A5")
    assert (chip.lit, bool(lit_pixels(chip))) == (lit, lit)


def test_off_keeps_the_ram():
    chip = panel()
    fill(chip, ram_with({(3, 5)}))
    commands(chip, "AE")
    assert not lit_pixels(chip)
    commands(chip, "AF")
    assert lit_pixels(chip) == {(3, 5)}


def test_power_on_values():
    chip = SH1106()
    assert (chip.lit, chip.dc_dc, chip.contrast, chip.pump_voltage) == (False, True, 0x80, 8.0)
    assert (chip.clock, chip.precharge, chip.vcom, chip.pads) == (0x50, 0x22, 0x35, 0x12)
    assert chip.read(2) == b"\x40\x40"
    commands(chip, "AF")
    assert chip.read(1) == b"\x00"
    assert 3000 < len(lit_pixels(chip)) < 5000, "a RAM that nobody cleared shows noise"
    commands(chip, "81 FF A7 45 B3 00 11 AD 8A")
    chip.reset()
    assert (chip.contrast, chip.on, chip.dc_dc) == (0x80, False, True)
    data(chip, [0, 0])
    assert chip.ram[0:2] == b"\0\0"


@pytest.mark.parametrize(("command", "volts"), [(0x30, 6.4), (0x31, 7.4), (0x32, 8), (0x33, 9)])
def test_pump_voltage(command, volts):
    chip = panel()
    commands(chip, bytes([command]))
    assert chip.pump_voltage == volts


def test_the_column_comes_in_two_nibbles_and_goes_on_within_its_page():
    chip = panel()
    commands(chip, "B5 02 18")
    data(chip, [1, 2])
    assert written(chip) == [(5, 130), (5, 131)]
    with pytest.raises(ValueError, match="132"):
        data(chip, [3])
    assert len(written(chip)) == 2


def test_a_nibble_leaves_the_other_one():
    chip = panel()
    commands(chip, "B0 05 12 0A")
    data(chip, [1])
    assert written(chip) == [(0, 0x2A)]
    commands(chip, "0A 17")
    data(chip, [2])
    assert written(chip)[-1] == (0, 0x7A)


def test_read_modify_write_returns_to_its_column():
    chip = panel()
    commands(chip, "B1 00 14 E0")
    data(chip, [1, 2, 3])
    commands(chip, "EE")
    data(chip, [7])
    assert written(chip) == [(1, 0x41), (1, 0x42), (1, 0x40)]


def test_mixed_stream_of_control_bytes():
    chip = panel()
    chip.start()
    chip.write(bytes.fromhex("80 81 80 33 80 B2 80 02 80 10 C0 01 C0 02 40 03 04"))
    assert chip.contrast == 0x33
    assert written(chip) == [(2, 2), (2, 3), (2, 4), (2, 5)]


def test_each_byte_in_a_transaction_of_its_own():
    chip = panel()
    for byte in bytes.fromhex("81 44 B1 08 10"):
        chip.start()
        chip.write(bytes([0x80, byte]))
    data(chip, [1])
    assert (chip.contrast, written(chip)) == (0x44, [(1, 8)])


DEFINED = (
    {*range(0x20), *range(0x30, 0x34), *range(0x40, 0x80), 0x81, 0xA0, 0xA1}
    | {*range(0xA4, 0xA9), 0xAD, 0xAE, 0xAF, *range(0xB0, 0xB8), *range(0xC0, 0xD0)}
    | {0xD3, 0xD5, 0xD9, 0xDA, 0xDB, 0xE0, 0xE3, 0xEE}
)


@pytest.mark.parametrize("command", range(256))
def test_only_defined_commands_are_taken(command):
    """20h, 21h, 22h and 8Dh are the SSD1306's."""
    chip = SH1106()
    if command in DEFINED:
        commands(chip, bytes([command]))
    else:
        with pytest.raises(ValueError, match=f"{command:#04x}"):
            commands(chip, bytes([command]))


@pytest.mark.parametrize("stream", ["AD 14", "A8 40", "D3 40", "DA 22"])
def test_second_bytes_that_are_none_are_refused(stream):
    chip = panel()
    with pytest.raises(ValueError, match="does not take"):
        commands(chip, stream)
    commands(chip, "81 66")
    assert chip.contrast == 0x66


def test_data_in_the_midst_of_a_command_is_refused():
    chip = panel()
    commands(chip, "81")
    with pytest.raises(ValueError, match="0x81"):
        data(chip, [1])


def test_control_byte_with_other_bits_is_refused():
    chip = panel()
    chip.start()
    with pytest.raises(ValueError, match="control byte 0x41"):
        chip.write(b"\x41")
