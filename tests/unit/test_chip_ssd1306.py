"""The SSD1306 model against its data sheet, with command streams written by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokensim.chips.ssd1306 import SSD1306

# The start-up sequence of the data sheet's application example (figure 2, section 8.9).
INIT_64 = bytes.fromhex("A8 3F D3 00 40 A1 C8 DA 12 81 7F A4 A6 D5 80 8D 14 AF")
INIT_32 = bytes.fromhex("A8 1F D3 00 40 A1 C8 DA 02 81 7F A4 A6 D5 80 8D 14 AF")
WHOLE = bytes.fromhex("20 00 21 00 7F 22 00 07")


def commands(chip, *stream):
    chip.start()
    chip.write(b"\x00" + b"".join(s if isinstance(s, bytes) else bytes.fromhex(s) for s in stream))


def data(chip, values):
    chip.start()
    chip.write(b"\x40" + bytes(values))


def panel(height=64, init=None, width=128):
    """A module that has been set up and cleared."""
    chip = SSD1306(width, height)
    commands(chip, init or (INIT_64 if height > 32 else INIT_32), WHOLE)
    data(chip, bytes(1024))
    return chip


def lit_pixels(chip):
    return {(x, y) for y, row in enumerate(chip.pixels()) for x, on in enumerate(row) if on}


def picture_bytes(points):
    """GDDRAM in page order: bit 0 of a byte is the upper pixel (section 8.7)."""
    ram = bytearray(1024)
    for x, y in points:
        ram[y // 8 * 128 + x] |= 1 << y % 8
    return ram


points = st.sets(st.tuples(st.integers(0, 127), st.integers(0, 63)), max_size=40)


# -- what is seen -----------------------------------------------------------------------


@given(points)
def test_upright_with_a1_and_c8(drawn):
    chip = panel()
    data(chip, picture_bytes(drawn))
    assert lit_pixels(chip) == drawn


@given(points)
def test_upside_down_with_a0_and_c0(drawn):
    chip = panel(init=INIT_64 + b"\xa0\xc0")
    data(chip, picture_bytes(drawn))
    assert lit_pixels(chip) == {(127 - x, 63 - y) for x, y in drawn}


@given(points)
def test_a_panel_of_32_lines_shows_the_upper_half(drawn):
    chip = panel(32)
    data(chip, picture_bytes(drawn))
    assert len(chip.pixels()) == 32
    assert lit_pixels(chip) == {(x, y) for x, y in drawn if y < 32}


def test_a_narrow_panel_sits_in_the_middle():
    chip = panel(48, bytes.fromhex("A8 2F DA 12 A1 C8 8D 14 AF"), width=64)
    data(chip, picture_bytes({(31, 0), (32, 0), (95, 47), (96, 47), (40, 48)}))
    assert lit_pixels(chip) == {(0, 0), (63, 47)}


def test_segment_remap_acts_on_later_data_only():
    chip = panel()
    data(chip, picture_bytes({(3, 5)}))
    commands(chip, "A0")
    assert lit_pixels(chip) == {(3, 5)}
    commands(chip, WHOLE)
    data(chip, b"\x01")
    assert lit_pixels(chip) == {(3, 5), (127, 0)}


def test_scan_direction_acts_at_once():
    chip = panel()
    data(chip, picture_bytes({(3, 5)}))
    commands(chip, "C0")
    assert lit_pixels(chip) == {(3, 58)}


@pytest.mark.parametrize("line", [0, 1, 8, 63])
def test_start_line_comes_to_the_top(line):
    chip = panel()
    data(chip, picture_bytes({(0, line), (1, (line + 63) % 64)}))
    commands(chip, bytes([0x40 | line]))
    assert lit_pixels(chip) == {(0, 0), (1, 63)}


def test_display_offset_with_normal_scan():
    """Table 10-1: multiplex 64, offset 8: COM0 shows row 8, COM56 shows row 0."""
    chip = panel(init=INIT_64 + b"\xc0\xd3\x08")
    data(chip, picture_bytes({(0, 8), (1, 0)}))
    assert lit_pixels(chip) == {(0, 63 - 0), (1, 63 - 56)}


def test_display_offset_with_a_smaller_multiplex_ratio():
    """Table 10-1: multiplex 56, offset 8: COM0 row 8, COM47 row 55, 48-55 dark, COM56 row 0."""
    chip = panel(init=INIT_64 + b"\xc0\xa8\x37\xd3\x08")
    data(chip, b"\xff" * 1024)
    seen = {63 - y for x, y in lit_pixels(chip) if x == 0}
    assert seen == set(range(48)) | set(range(56, 64))
    data(chip, picture_bytes({(0, 8), (1, 55), (2, 0), (3, 7)}))
    assert lit_pixels(chip) == {(0, 63), (1, 63 - 47), (2, 63 - 56), (3, 0)}


def test_display_offset_scrolls_the_upright_picture_round():
    chip = panel(init=INIT_64 + b"\xd3\x10")
    data(chip, picture_bytes({(0, 0)}))
    assert lit_pixels(chip) == {(0, 16)}


def test_wrong_com_pins_interleave_the_halves():
    """DAh 02h on a module wired for 12h: lines of both halves alternate."""
    chip = panel(init=INIT_64 + b"\xda\x02")
    data(chip, picture_bytes({(0, y) for y in range(32)}))
    assert {y % 2 for _, y in lit_pixels(chip)} == {0}
    assert len(lit_pixels(chip)) == 32


def test_wrong_com_pins_lose_lines_on_a_small_module():
    chip = panel(32, INIT_32 + b"\xda\x12")
    data(chip, b"\xff" * 1024)
    assert len(lit_pixels(chip)) == 16 * 128


def test_inverse_and_all_on():
    chip = panel()
    data(chip, picture_bytes({(3, 5)}))
    commands(chip, "A7")
    assert len(lit_pixels(chip)) == 128 * 64 - 1
    assert (3, 5) not in lit_pixels(chip)
    commands(chip, "A6 A5")
    assert len(lit_pixels(chip)) == 128 * 64
    commands(chip, "A4")
    assert lit_pixels(chip) == {(3, 5)}


@pytest.mark.parametrize(("init", "lit"), [("AF", False), ("8D 14", False), ("8D 14 AF", True)])
def test_shines_only_with_pump_and_display_on(init, lit):
    chip = SSD1306()
    commands(chip, init, "A5")
    assert chip.lit is lit
    assert bool(lit_pixels(chip)) is lit
    commands(chip, "8D 10" if lit else "8D 14 AF")
    assert chip.lit is not lit


def test_off_keeps_the_ram():
    chip = panel()
    data(chip, picture_bytes({(3, 5)}))
    commands(chip, "AE")
    assert not lit_pixels(chip)
    commands(chip, "AF")
    assert lit_pixels(chip) == {(3, 5)}


# -- power-on ---------------------------------------------------------------------------


def test_power_on_values():
    chip = SSD1306()
    assert (chip.lit, chip.contrast, chip.read(2)) == (False, 0x7F, b"\x40\x40")
    commands(chip, "8D 14 AF")
    assert chip.read(1) == b"\x00"
    assert 3000 < len(lit_pixels(chip)) < 5000, "a RAM that nobody cleared shows noise"


def test_reset_returns_to_power_on_values():
    chip = panel()
    commands(chip, "81 FF 20 01 A7 45")
    chip.reset()
    fresh = SSD1306()
    for each in (chip, fresh):
        commands(each, "8D 14 AF 00 10 B0")
        data(each, range(200))
    assert chip.contrast == 0x7F
    assert chip.pixels() == fresh.pixels()


def test_contrast():
    chip = panel()
    commands(chip, "81 05")
    assert chip.contrast == 5


# -- addressing -------------------------------------------------------------------------


def written(chip):
    """(page, column) of the RAM bytes that are not zero, in the order of their values."""
    cells = [(value, place // 128, place % 128) for place, value in enumerate(chip.ram) if value]
    return [(page, column) for _, page, column in sorted(cells)]


def test_horizontal_mode_walks_the_window_row_by_row():
    chip = panel()
    commands(chip, "20 00 21 7E 7F 22 02 03")
    data(chip, [1, 2, 3, 4])
    assert written(chip) == [(2, 126), (2, 127), (3, 126), (3, 127)]
    data(chip, [5])
    assert chip.ram[2 * 128 + 126] == 5, "after the last comes the first again"


def test_vertical_mode_walks_the_window_column_by_column():
    chip = panel()
    commands(chip, "20 01 21 0A 0B 22 06 07")
    data(chip, [1, 2, 3, 4])
    assert written(chip) == [(6, 10), (7, 10), (6, 11), (7, 11)]
    data(chip, [5])
    assert chip.ram[6 * 128 + 10] == 5


def test_page_mode_stays_in_its_page():
    chip = panel()
    commands(chip, "20 02 B5 0E 17")
    data(chip, [1, 2, 3])
    assert chip.ram[5 * 128 + 126 : 5 * 128 + 128] == bytes([3, 2])
    assert not any(chip.ram[6 * 128 :])


def test_page_mode_is_the_power_on_mode_and_ignores_windows():
    chip = SSD1306()
    commands(chip, "A1 21 05 06 22 03 03 B1 04 10")
    before = bytes(chip.ram)
    data(chip, [before[128 + 4] ^ 0xFF, before[128 + 5] ^ 0xFF, before[128 + 6] ^ 0xFF])
    assert [i for i in range(1024) if chip.ram[i] != before[i]] == [132, 133, 134]


def test_page_commands_do_not_move_the_pointers_of_the_other_modes():
    chip = panel()
    commands(chip, "20 00 21 10 20 22 04 05 B1 03 10")
    data(chip, [1])
    assert written(chip) == [(4, 16)]


@given(
    st.integers(0, 127), st.integers(0, 127), st.integers(0, 7), st.integers(0, 7),
    st.sampled_from([0, 1]),
)  # fmt: skip
def test_a_window_is_filled_exactly(c0, c1, p0, p1, mode):
    (c0, c1), (p0, p1) = sorted((c0, c1)), sorted((p0, p1))
    chip = panel()
    commands(chip, bytes([0x20, mode, 0x21, c0, c1, 0x22, p0, p1]))
    data(chip, b"\xff" * ((c1 - c0 + 1) * (p1 - p0 + 1)))
    assert set(written(chip)) == {(p, c) for p in range(p0, p1 + 1) for c in range(c0, c1 + 1)}


# -- the stream -------------------------------------------------------------------------


def test_mixed_stream_of_control_bytes():
    chip = panel()
    chip.start()
    chip.write(bytes.fromhex("80 81 80 33 80 20 80 02 80 B2 80 00 80 10 C0 01 C0 02 40 03 04"))
    assert chip.contrast == 0x33
    assert written(chip) == [(2, 0), (2, 1), (2, 2), (2, 3)]


def test_each_byte_in_a_transaction_of_its_own():
    chip = panel()
    for byte in bytes.fromhex("21 08 09 22 01 01 81 44"):
        chip.start()
        chip.write(bytes([0x80, byte]))
    data(chip, [1, 2])
    assert (chip.contrast, written(chip)) == (0x44, [(1, 8), (1, 9)])


def test_a_transaction_may_come_in_pieces():
    chip = panel()
    chip.start()
    for piece in (b"\x00\x81", b"\x22", b"\x81\x23"):
        chip.write(piece)
    assert chip.contrast == 0x23


# Every command with arguments, and the value its arguments could be mistaken for: AEh.
@pytest.mark.parametrize(
    "stream",
    [
        "20 00", "21 00 7F", "22 00 07", "81 AE", "8D 14", "A8 3F", "D3 2E", "D5 AE", "D9 AE",
        "DA 12", "DB AE", "26 00 00 00 07 00 FF", "27 00 00 00 07 00 FF", "29 00 00 00 07 01",
        "2A 00 00 00 07 01", "A3 00 AE", "2E", "2F", "E3",
    ],
)  # fmt: skip
def test_the_stream_stays_in_step(stream):
    chip = panel()
    commands(chip, stream, "81 77")
    assert (chip.lit, chip.contrast) == (True, 0x77)


DEFINED = (
    {*range(0x20), 0x20, 0x21, 0x22, 0x26, 0x27, 0x29, 0x2A, 0x2E, 0x2F}
    | {*range(0x40, 0x80), 0x81, 0x8D, *range(0xA0, 0xA2), *range(0xA3, 0xA9), 0xAE, 0xAF}
    | {*range(0xB0, 0xB8), 0xC0, 0xC8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB, 0xE3}
)


@pytest.mark.parametrize("command", range(256))
def test_only_defined_commands_are_taken(command):
    chip = SSD1306()
    if command in DEFINED:
        commands(chip, bytes([command]))
    else:
        with pytest.raises(ValueError, match=f"{command:#04x}"):
            commands(chip, bytes([command]))


@pytest.mark.parametrize(
    "stream", ["20 03", "21 00 80", "21 05 04", "22 00 08", "22 03 02", "A8 0E", "DA 13"]
)
def test_invalid_arguments_are_refused(stream):
    chip = panel()
    with pytest.raises(ValueError, match="invalid"):
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
