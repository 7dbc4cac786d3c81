"""tokenctl harden, with the real esptool and espefuse, on a mock loader with virtual eFuses."""

import json

import pytest
from e2e.harden_bench import REVISIONS, bench
from support.flashing.mockboard import MockSerialBoard

from tokenctl.flashing import app_image
from tokensim.token import SimulatedToken

__all__ = ["bench"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
long = pytest.mark.long

# The numbers of the bits in block 0, by ESP-IDF's components/efuse/*/esp_efuse_table.csv.
BITS = {
    "esp32": {"jtag": 198, "loader": 27},
    "esp32s2": {"jtag": 50, "secure-loader": 133, "loader": 128},
    "esp32s3": {"jtag": 51, "usb-jtag": 118, "secure-loader": 133, "loader": 128},
    "esp32c3": {"jtag": 51, "usb-jtag": 41, "secure-loader": 133, "loader": 128},
}
CHIPS = list(BITS)


@pytest.mark.parametrize(
    ("name", "options"),
    [("esp32", []), *(pytest.param(name, ["--check"], marks=long) for name in CHIPS)],
)
def test_check_says_what_the_chip_supports_and_changes_nothing(bench, name, options):
    chip = bench(name)
    before = chip.words()
    result = chip("harden", *options)
    assert result.code == 0, result
    assert chip.words() == before
    for measure in BITS[name]:
        assert f"\n{measure}: " in result.out
    burnable = len(BITS[name]) + (name != "esp32")  # and a key of the chip's
    assert result.out.count("  state    not burnt\n") >= burnable - 1
    assert result.out.count("  benefit  ") == result.out.count("  cost     ") > burnable
    assert "permanent" in result.err and "virtual" in result.err
    assert "does not support it" in result.out  # flash encryption


@long
@pytest.mark.parametrize("name", CHIPS)
def test_json_names_chip_revision_and_measures(bench, name):
    chip = bench(name)
    answer = json.loads(chip("harden", "--json").out)
    assert (answer["chip"], answer["revision"]) == (name, REVISIONS[name])
    assert answer["secure_loader"] is False and len(answer["serial"]) == 12
    burnable = {each["name"] for each in answer["measures"] if each["burnable"]}
    assert burnable == set(BITS[name]) | ({"chip-key"} if name != "esp32" else set())
    for each in answer["measures"]:
        assert list(each) == [
            "name", "title", "buys", "costs", "burnable", "closes_loader", "efuse", "state", "why",
        ]  # fmt: skip


MEASURES = [
    pytest.param(name, measure, marks=() if (name, measure) == ("esp32", "jtag") else long)
    for name in CHIPS
    for measure in BITS[name]
]


@pytest.mark.parametrize(("name", "measure"), MEASURES)
def test_only_what_was_named_is_burnt(bench, name, measure):
    chip = bench(name)
    chip.flash()
    flash, before = bytes(chip.board.data), chip.words()
    result = chip.burn(measure)
    assert result.code == 0, result
    assert result.out.startswith(f"Burnt: {measure} (")
    assert "permanent" in result.err and "  cost: " in result.err
    after = chip.words()
    before[BITS[name][measure] // 32] |= 1 << BITS[name][measure] % 32
    assert after == before
    assert bytes(chip.board.data) == flash
    assert [key for key, state in chip.states().items() if state == "burnt"] == [measure]
    again = chip.burn(measure)
    again.refused(16, measure, "burnt")
    assert chip.words() == after


@long
def test_several_go_in_one_confirmation_the_loader_last(bench):
    chip = bench("esp32c3")
    chip.flash()
    result = chip.burn("jtag", "usb-jtag", "loader")
    assert result.code == 0, result
    assert [line.split()[1] for line in result.out.splitlines()] == ["jtag", "usb-jtag", "loader"]
    assert chip.states()["jtag"] == "burnt"


@long
def test_burning_as_json(bench):
    chip = bench("esp32c3")
    chip.flash()
    stdin = f"burn jtag {chip.serial}\n"
    result = chip("harden", "--json", "--burn", "jtag", *chip.files, stdin=stdin)
    assert json.loads(result.out) == {"serial": stdin.split()[-1], "burnt": {"jtag": "burnt"}}


@pytest.mark.parametrize("typed", ["burn jtag 240AC4E29527\n", *(
    pytest.param(typed, marks=long)
    for typed in ("", "BURN\n", "burn jtag\n", "burn loader 240AC4E29526\n")
)])  # fmt: skip
def test_without_the_measure_and_the_serial_number_typed_nothing_is_burnt(bench, typed):
    chip = bench("esp32")
    chip.flash()
    before = chip.words()
    result = chip.burn("jtag", stdin=typed)
    assert (result.code, result.out) == (16, "")
    prompt, refusal = result.err.splitlines()[-2:]
    assert "Type 'burn jtag 240AC4E29526' " in prompt and "not confirmed" in refusal
    assert chip.words() == before


@long
def test_an_old_chip_cannot_close_its_loader(bench):
    chip = bench("esp32", revision=0)
    chip.flash()
    before = chip.words()
    assert chip.states()["loader"] == "unsupported"
    assert "needs chip revision v3.0, but this is v0.0" in chip("harden").out
    chip.burn("loader").refused(16, "v3.0", "nothing was burnt")
    assert chip.words() == before


@long
@pytest.mark.parametrize("measure", ["usb-jtag", "secure-loader"])
def test_what_a_chip_does_not_have_is_refused(bench, measure):
    chip = bench("esp32")
    chip.flash()
    chip.burn(measure).refused(16, measure, "nothing was burnt")


@long
def test_both_ways_to_close_the_loader_are_refused(bench):
    chip = bench("esp32s3")
    chip.flash()
    before = chip.words()
    chip.burn("secure-loader", "loader").refused(16, "only one")
    assert chip.words() == before


@long
@pytest.mark.parametrize("measure", ["flash-encryption", "secure-boot", "soft-jtag", "all"])
def test_what_is_only_explained_is_never_burnt(bench, measure):
    chip = bench("esp32s3")
    before = chip.words()
    assert chip.burn(measure, stdin="").code == 2
    assert chip.words() == before


@long
def test_a_write_protected_efuse_is_said_to_be_and_refused(bench):
    chip = bench("esp32c3")
    chip.flash()
    chip.chip.direct_write_efuse(0, 1 << 18)  # WR_DIS, which covers the loader's eFuses
    states = chip.states()
    assert (states["loader"], states["secure-loader"], states["jtag"]) == ("locked",) * 2 + (
        "open",
    )
    chip.burn("loader").refused(16, "write-protected")


@long
@pytest.mark.parametrize("place", [0x8000, 0x10000, 0x300100, 0x3BFFFF])
def test_a_flash_that_is_not_the_release_is_refused(bench, place):
    chip = bench("esp32c3")
    chip.flash()
    before = chip.words()
    chip.board.data[place] ^= 1
    chip.burn("jtag").refused(16, "tokenctl flash", "nothing was burnt")
    assert chip.words() == before


@long
def test_a_development_build_is_refused(bench):
    chip = bench("esp32c3")
    chip.flash(app_image.build_development)
    before = chip.words()
    chip.burn("loader").refused(16, "firmware", "nothing was burnt")
    assert chip.words() == before


@long
def test_a_blank_board_is_refused(bench):
    chip = bench("esp32")
    chip.burn("jtag").refused(16, "tokenctl flash")


@long
def test_another_wiring_than_the_boards_is_refused(bench):
    chip = bench("esp32c3")
    chip.flash()
    chip.wiring.write_text(chip.wiring.read_text().replace('"esp32-devkit"', '"other"'))
    chip.burn("jtag").refused(16, "firmware")


@long
def test_burning_wants_a_released_image(bench):
    chip = bench("esp32")
    chip("harden", "--burn", "jtag", "--unpinned").refused(2, "pinned")
    chip("harden", "--burn", "jtag", "--micropython", "v0.9").refused(11, "v0.9")
    chip("harden", "--burn", "jtag", "--check").refused(2, "only one")


@long
@pytest.mark.parametrize("name", ["esp32s3", "esp32c3"])
def test_a_loader_in_its_secure_mode_reads_nothing(bench, name):
    chip = bench(name, secure=True)
    answer = json.loads(chip("harden", "--json").out)
    assert answer["secure_loader"] is True
    assert answer["serial"] is None and answer["revision"] is None
    states = {each["name"]: each["state"] for each in answer["measures"]}
    assert states.pop("secure-loader") == "burnt"
    assert set(states.values()) == {"unknown"}
    assert "secure mode" in chip("harden").out
    result = chip("harden", "--burn", "jtag", *chip.files)
    assert result.code == 12 and "closed loader" in result.err


@long
def test_another_serial_number_is_refused(bench):
    chip = bench("esp32")
    assert chip("harden", "--serial", "240AC4E29527").code == 4
    assert chip("harden", "--serial", "240ac4e29526").code == 0


@long
def test_no_board(bench):
    chip = bench("esp32")
    chip.port = "socket://127.0.0.1:1"
    chip("harden").refused(4, "nothing answers")


def test_at_a_serial_port_the_token_must_say_hello_first(bench, monkeypatch):
    chip = bench("esp32")
    with MockSerialBoard() as board, SimulatedToken() as token:
        chip.port, chip.board = board.port, board
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: token.transport())
        chip.flash()
        token.board.serial = bytes.fromhex(chip.serial)
        token.reset()
        token.wait_until_ready()
        before = chip.words()
        assert chip.burn("jtag", stdin="no\n").code == 16
        assert chip.words() == before
        token.power_off()
        result = chip.burn("jtag")
        result.refused(16, "does not answer", "nothing was burnt")
        assert chip.words() == before
        token.power_on()
        token.wait_until_ready()
        assert chip.burn("jtag").code == 0
        assert chip.words() != before
