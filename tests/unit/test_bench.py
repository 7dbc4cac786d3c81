"""The parts of `make bench` that do not depend on the machine: bytes, and simulated time."""

import json
import sys
import zlib
from pathlib import Path

import pytest
from support.hash_time import chip_hashes

sys.path.append(str(Path(__file__).parents[2]))  # bench/ is not installed

from bench import (  # noqa: E402
    bus,
    clock,
    decoders,
    flashing,
    heap,
    hostile,
    importing,
    link,
    power,
    presses,
    samples,
    table,
)
from bench.figure import Figure, ratio  # noqa: E402

# pyserial does not close a socket:// whose other end went first.
__all__ = ["chip_hashes"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
PICTURE = 128 * 64 // 8  # bytes


@pytest.fixture(scope="module")
def measured():
    return bus.measure()


def test_a_full_frame_is_the_picture_and_little_more(measured):
    assert PICTURE < measured.full_frame < 1.15 * PICTURE


def test_what_changes_less_costs_less(measured):
    """A tick has to change two digits of eight pixels and a column of the bar, at least."""
    shown = measured.tick, measured.moving_tick, measured.new_code  # the first sets the panel up
    sizes = [16, *(each.display for each in shown), measured.full_frame]
    assert sizes == sorted(set(sizes))
    assert measured.tick.display < measured.full_frame / 10


def test_a_plain_full_frame_takes_as_long_as_its_bits(measured):
    """1024 bytes of picture and 6 commands: 1044 bytes of 9 bits, and 7 times START and STOP."""
    assert measured.plain_frame.display == 1044
    assert measured.plain_frame.display_ms == pytest.approx((1044 * 9 + 7 * 2) / 400, rel=1e-6)


def test_a_second_reads_the_clock_at_least_once(measured):
    """Seven registers of time: an address and a register there, an address and seven back."""
    assert measured.rtc_second >= 10


def test_tapping_the_bus_counts_as_the_bus_does():
    with bus.bench() as token:
        counters = token.board.board.bus
        before = counters.bytes_written + counters.bytes_read
        traffic = token.during(token.press)
        after = counters.bytes_written + counters.bytes_read
    assert traffic.display + traffic.rtc == after - before > 0


def test_three_ways_of_setting_the_clock():
    """Whole seconds cost the link's delay at least, a fraction cut off half a second."""
    found = clock.errors(3)
    assert len(found.at_the_edge) == len(found.whole_seconds) == len(found.mpremote) == 3
    assert max(found.at_the_edge) < 10 < min(found.mpremote)
    assert max(found.at_the_edge) < max(found.whole_seconds) < 100


def test_a_code_is_late_by_what_the_bus_takes():
    """A new code is some 500 bytes at 400 kHz: 11 ms."""
    (late,) = clock.lags(1)
    assert 5 < late < 30


@pytest.fixture(scope="module")
def provisioned(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    return state, link.in_simulated_time(5, state)


def test_provisioning_in_simulated_time(provisioned):
    run = provisioned[1]
    secret, names = 20, 12 + 24
    assert run.bytes > 5 * (secret + names)
    assert 0 < run.allowed < run.seconds


def test_the_press_is_not_counted(provisioned):
    assert provisioned[1].seconds < link.READ + provisioned[1].allowed


def test_the_same_run_again_takes_the_same_bytes(provisioned):
    assert link.in_simulated_time(5).bytes == pytest.approx(provisioned[1].bytes, rel=0.01)


def test_heap_of_a_token_that_has_accounts(provisioned):
    empty, full = heap.measure(), heap.measure(provisioned[0])
    assert sum(empty) == pytest.approx(sum(full), rel=0.01)
    assert min(empty[0], full[0]) > 0 and max(empty[0], full[0]) < sum(full)


def test_presses_to_any_account_are_few():
    figures = {figure.name: figure for figure in presses.figures()}
    farthest = figures["of 100, with 2 buttons"]
    assert farthest.met is True and farthest.at_most == 8
    assert figures["of 10, with 2 buttons"].value < farthest.value
    assert farthest.value < figures["of 100, with 1 button"].value < 20


def test_samples_are_as_long_as_they_say():
    accounts = [each.account for each in samples.enrolments(1000)]
    assert {(len(a.issuer), len(a.name), len(a.secret)) for a in accounts} == {(12, 24, 20)}
    assert len({(a.issuer, a.name) for a in accounts}) == 1000


def test_an_import_takes_one_press_and_less_time_than_one_by_one():
    presses, one_by_one, seconds, ratio_ = (figure.value for figure in importing.figures(4))
    assert (presses, one_by_one) == (1, 4)
    assert seconds > link.READ and 0 < ratio_ < 0.6


def test_a_decoder_that_is_not_there_is_left_out_and_named(monkeypatch):
    def missing(name):
        raise ImportError(f"no {name}")

    monkeypatch.setattr(decoders, "import_module", missing)
    said = []
    assert list(decoders.available(said.append)) == [decoders.ZXING]
    assert said[0] == "pyzbar is left out: no pyzbar.pyzbar" and "OpenCV" in said[1]


def test_mpremote_sends_each_byte_of_a_file_and_what_it_takes_besides():
    """In raw-paste mode an exec is 3 bytes there and 4 back, a window's mark every 128 bytes."""
    content = bytes(range(32, 127)) * 10
    count = flashing.by_mpremote({"a.py": content}).bytes
    execs = 2 + -(-len(content) // 256)
    assert count > len(content) + execs * (3 + 4 + 1 + 4)
    assert count < 1.3 * len(content) + execs * 60
    more = flashing.by_mpremote({"folder/a.py": content}).bytes
    assert count < more < count + 100


def test_flashing_costs_less_than_the_usual_way():
    found = [figure.value for figure in flashing.traffic(size=150_000)]
    first, of_usual, seconds, of_seconds, update, of_copying, _, _ = found
    assert 0 < update < first and seconds > 0
    assert of_usual < 1 and of_seconds < of_usual and of_copying < 0.5


def test_the_stand_in_is_as_large_as_micropython_and_compresses_as_it_does():
    data = flashing.micropython(300_000)
    assert len(data) == pytest.approx(300_000, rel=0.05)
    assert len(zlib.compress(data)) / len(data) == pytest.approx(0.6, abs=0.1)


def test_bytecode_is_smaller_than_its_sources():
    blocks, of_sources, of_files = (figure.value for figure in flashing.sizes())
    assert 4 < blocks < 512 and blocks % 4 == 0
    assert 0 < of_files < 1 and 0 < of_sources < 1


def test_a_ratio_is_of_rounds_not_of_sums():
    figure = ratio("g", "n", [2, 20, 200], [1, 10, 100], at_most=2)
    assert (figure.value, figure.low, figure.high, figure.met) == (2, 2, 2, True)


def test_aims():
    assert Figure("g", "n", 19, "x", at_least=20).met is False
    assert Figure("g", "n", 4.1, "x", at_most=4).met is False
    assert Figure("g", "n", 1, "x").met is None


def test_table_and_json():
    figures = [
        Figure("Group", "fast", 3.14159, "x", 3, 4, at_most=4),
        Figure("Group", "slow", 49.9, "%", at_least=50),
    ]
    text = "\n".join(table.lines(figures))
    assert text.count("Group") == 1
    assert "3.14 x" in text and "(3.00 to 4.00)" in text and "at most 4 x: met" in text
    assert "at least 50 %: MISSED" in text
    first = json.loads(json.dumps(figures[0].describe()))
    assert (first["name"], first["value"], first["met"]) == ("fast", 3.14159, True)
    assert "met" not in Figure("g", "n", 1, "x").describe()


def test_a_days_charge_is_that_of_the_page():
    figures = {figure.name: figure for figure in power.figures()}
    page = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()
    pocket, breadboard = figures["pocket"].value, figures["breadboard"].value
    assert f"| {pocket:.0f} mAh, {breadboard:.0f} mAh | |" in page
    assert figures["pocket, awake all day, to that"].value > 10


def test_time_grows_with_a_text_as_the_text_does():
    """Eight times the label takes some eight times as long, and never 64 times."""
    figure = hostile.growth("label", "label, one word", 16 * 1024)
    assert figure.met and figure.value > 2
