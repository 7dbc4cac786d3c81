"""tokenctl harden, with the real esptool and espefuse, on a mock loader with virtual eFuses."""

import functools
import io
import json

import pytest
from e2e.commandline import Result
from support.flashing import images, virtualefuses
from support.flashing.mockboard import MockBoard, MockSerialBoard

from tokenctl.cli import main
from tokenctl.flashing import app_image, micropython_image, plan
from tokenctl.flashing.chips import CHIPS as CHIPS_OF_TOKENS
from tokenctl.payload import firmware_folder
from tokensim.token import SimulatedToken

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
long = pytest.mark.long
build = functools.cache(app_image.build)

# The numbers of the bits in block 0, by ESP-IDF's components/efuse/*/esp_efuse_table.csv.
BITS = {
    "esp32": {"jtag": 198, "loader": 27},
    "esp32s2": {"jtag": 50, "secure-loader": 133, "loader": 128},
    "esp32s3": {"jtag": 51, "usb-jtag": 118, "secure-loader": 133, "loader": 128},
    "esp32c3": {"jtag": 51, "usb-jtag": 41, "secure-loader": 133, "loader": 128},
}
REVISIONS = {"esp32": 300, "esp32s2": 0, "esp32s3": 1, "esp32c3": 3}
CHIPS = list(BITS)


class Bench:
    """A board with virtual eFuses, and tokenctl for it."""

    def __init__(self, name, tmp_path, capfd, monkeypatch, revision=None, secure=False):
        self.name = name
        self.chip = virtualefuses.virtual_chip(
            name, REVISIONS[name] if revision is None else revision
        )
        virtualefuses.use(monkeypatch, self.chip, secure)
        monkeypatch.delenv("TOKENCTL_PORT", raising=False)
        monkeypatch.setattr(app_image, "build", build)
        self.image = tmp_path / "micropython.bin"
        self.image.write_bytes(images.micropython("v1.26.0", name))
        ours = json.loads((firmware_folder() / "board.json").read_text())
        self.wiring = tmp_path / "board.json"
        self.wiring.write_text(json.dumps(ours | {"chip": name}))
        self._capfd, self._monkeypatch = capfd, monkeypatch
        self.board = MockBoard(name)
        self.port = self.board.url

    def __call__(self, *arguments, stdin=""):
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        self._capfd.readouterr()
        code = main.run([arguments[0], "--port", self.port, *arguments[1:]])
        out, err = self._capfd.readouterr()
        return Result(code, str(out), str(err))

    @property
    def files(self):
        return ["--micropython", str(self.image), "--board", str(self.wiring)]

    def flash(self, build=build):
        """Have the flash hold a release, or another build, as tokenctl flash leaves it."""
        chip = next(each for each in CHIPS_OF_TOKENS if each.name == self.name)
        image = micropython_image.split(self.image.read_bytes(), chip)
        app = build(firmware_folder(), chip, self.wiring.read_bytes())
        for region in plan.regions(image, app):
            self.board.data[region.offset : region.offset + len(region.data)] = region.data

    def burn(self, *names, stdin=None):
        """Burn, with the confirmation typed unless `stdin` is another."""
        options = [each for name in names for each in ("--burn", name)]
        typed = f"burn {' '.join(names)} {self.serial}\n" if stdin is None else stdin
        return self("harden", *options, *self.files, stdin=typed)

    def states(self):
        answer = json.loads(self("harden", "--json").out)
        return {each["name"]: each["state"] for each in answer["measures"]}

    @property
    def serial(self):
        return json.loads(self("harden", "--json").out)["serial"]

    def words(self):
        """Return all of the virtual chip's eFuses, block by block."""
        blocks = range(len(self.chip.Blocks.BLOCKS))
        return [
            self.chip.read_efuse(word, block)
            for block in blocks
            for word in range(self.chip.Blocks.get(self.chip.Blocks.BLOCKS[block]).len)
        ]


@pytest.fixture
def bench(tmp_path, capfd, monkeypatch):
    """Return what makes a Bench, with its board running."""
    boards = []

    def make(name, **options):
        bench = Bench(name, tmp_path, capfd, monkeypatch, **options)
        boards.append(bench.board.__enter__())
        return bench

    yield make
    for board in boards:
        board.__exit__()


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
