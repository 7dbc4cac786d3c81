"""The flash model: the laws of NOR, what survives, and what a power cut leaves."""

import os
import signal
import subprocess
import sys
from subprocess import PIPE

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokensim.board import flash as model
from tokensim.board.flash import Flash, PowerCut

SIZE, SECTOR = 1024, 256


@pytest.fixture
def flash():
    return Flash(None, SIZE, SECTOR)


writes = st.lists(
    st.one_of(
        st.integers(0, SIZE // SECTOR - 1),
        st.tuples(st.integers(0, SIZE - 1), st.binary(max_size=300)).filter(
            lambda write: write[0] + len(write[1]) <= SIZE
        ),
    ),
    max_size=12,
)


def test_new_flash_is_erased(flash):
    assert flash.read(0, SIZE) == b"\xff" * SIZE
    assert Flash(None, 8192).wear == [0, 0]


@given(writes)
def test_program_ands_and_erase_sets_one_sector(operations):
    flash, expected = Flash(None, SIZE, SECTOR), bytearray(b"\xff" * SIZE)
    for operation in operations:
        if isinstance(operation, int):
            flash.erase(operation)
            expected[operation * SECTOR : (operation + 1) * SECTOR] = b"\xff" * SECTOR
        else:
            address, data = operation
            flash.program(address, data)
            for i, value in enumerate(data, address):
                expected[i] &= value
    assert flash.read(0, SIZE) == expected


@given(st.binary(min_size=1, max_size=64), st.binary(min_size=1, max_size=64))
def test_programming_never_sets_a_bit_and_twice_is_once(first, second):
    flash = Flash(None, SIZE, SECTOR)
    flash.program(7, first)
    before = flash.read(0, SIZE)
    flash.program(9, second)
    after = flash.read(0, SIZE)
    assert all(new & ~old == 0 for old, new in zip(before, after, strict=True))
    flash.program(9, second)
    assert flash.read(0, SIZE) == after


def test_counters(flash):
    flash.program(0, b"ab")
    flash.program(SECTOR, b"")
    flash.erase(3)
    flash.erase(3)
    flash.erase(0)
    assert (flash.programs, flash.erases, flash.wear) == (1, 3, [1, 0, 0, 2])


@pytest.mark.parametrize(("address", "length"), [(-1, 1), (SIZE, 1), (0, SIZE + 1), (SIZE - 1, 2)])
def test_outside_is_refused(flash, address, length):
    with pytest.raises(ValueError, match="outside"):
        flash.read(address, length)
    with pytest.raises(ValueError, match="outside"):
        flash.program(address, bytes(length))
    for index in (-1, SIZE // SECTOR):
        with pytest.raises(ValueError, match="outside"):
            flash.erase(index)
    assert flash.read(0, SIZE) == b"\xff" * SIZE


def test_size_must_be_whole_sectors():
    with pytest.raises(ValueError, match="whole sectors"):
        Flash(None, 1000, SECTOR)


# -- the file ---------------------------------------------------------------------------


def test_content_outlives_the_object(tmp_path):
    path = tmp_path / "flash.bin"
    flash = Flash(path, SIZE, SECTOR)
    assert path.read_bytes() == b"\xff" * SIZE
    flash.program(5, b"hello")
    flash.close()
    assert Flash(path, SIZE, SECTOR).read(5, 5) == b"hello"
    assert os.listdir(tmp_path) == ["flash.bin"]


def test_other_size_is_a_clear_error_and_changes_nothing(tmp_path):
    path = tmp_path / "flash.bin"
    path.write_bytes(b"precious")
    with pytest.raises(ValueError, match=r"flash\.bin has 8 bytes, but the flash has 1024"):
        Flash(path, SIZE, SECTOR)
    assert path.read_bytes() == b"precious"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_killed_process_loses_nothing(tmp_path):
    path = tmp_path / "flash.bin"
    script = (
        "import os, signal, sys; from tokensim.board.flash import Flash\n"
        "flash = Flash(sys.argv[1], 1024, 256); flash.program(3, b'kept')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script, str(path)], env=environment)
    assert done.returncode == -signal.SIGKILL
    assert Flash(path, SIZE, SECTOR).read(3, 4) == b"kept"


# -- power cuts -------------------------------------------------------------------------


def test_clean_cut_leaves_the_operation_out(flash):
    flash.cut_after(2)
    flash.program(0, b"\x11")
    with pytest.raises(PowerCut):
        flash.program(1, b"\x22")
    for operation in (
        lambda: flash.read(0, 1),
        lambda: flash.program(2, b"\x33"),
        lambda: flash.erase(0),
    ):
        with pytest.raises(PowerCut):
            operation()
    flash.power_on()
    assert flash.read(0, 3) == b"\x11\xff\xff"
    flash.program(1, b"\x22")
    assert flash.read(0, 3) == b"\x11\x22\xff"
    assert flash.programs == 2


def test_clean_cut_of_an_erase(flash):
    flash.program(0, b"\x11")
    flash.cut_after(1)
    with pytest.raises(PowerCut):
        flash.erase(0)
    flash.power_on()
    assert flash.read(0, 1) == b"\x11"
    assert (flash.erases, flash.wear[0]) == (0, 0)


@given(st.binary(min_size=1, max_size=40), st.binary(min_size=40, max_size=40), st.integers())
def test_torn_program_is_a_prefix_and_part_of_one_byte(data, old, seed):
    flash = Flash(None, SIZE, SECTOR)
    flash.program(10, old)
    before = flash.read(0, SIZE)
    flash.cut_after(1, torn=True, seed=seed)
    with pytest.raises(PowerCut):
        flash.program(10, data)
    flash.power_on()
    after = flash.read(0, SIZE)
    goal = bytearray(before)
    for i, value in enumerate(data, 10):
        goal[i] &= value
    differing = [i for i in range(SIZE) if after[i] != goal[i]]
    torn = differing[0] if differing else 10
    assert after[:torn] == goal[:torn]
    assert after[torn + 1 :] == before[torn + 1 :] or not differing
    assert after[torn] & ~before[torn] == 0, "no bit came back to one"
    assert goal[torn] & ~after[torn] == 0, "no bit fell that was not programmed"


def torn_results(operation, seeds=200):
    results = []
    for seed in range(seeds):
        flash = Flash(None, SIZE, SECTOR)
        flash.program(0, bytes(range(256)) * 4)
        flash.erase(1)
        flash.cut_after(1, torn=True, seed=seed)
        with pytest.raises(PowerCut):
            operation(flash)
        flash.power_on()
        results.append(flash.read(0, SIZE))
    return results


def test_torn_programs_stop_everywhere():
    results = torn_results(lambda flash: flash.program(256, b"\x00" * 8))
    lengths = {len(result[256:264]) - len(result[256:264].lstrip(b"\x00")) for result in results}
    assert lengths >= set(range(8))
    assert any(value not in (0, 0xFF) for result in results for value in result[256:264])
    assert all(result[264:512] == b"\xff" * 248 for result in results)


def test_torn_erase_is_a_mixture_and_repeatable():
    results = torn_results(lambda flash: flash.erase(0))
    old = bytes(range(256))
    kept = [sum(a == b for a, b in zip(r[:256], old, strict=True)) for r in results]
    ones = [r[:256].count(0xFF) for r in results]
    assert max(kept) > 240, "hardly begun"
    assert max(ones) > 240, "all but finished"
    assert any(k + o < 200 for k, o in zip(kept, ones, strict=True)), "garbage"
    assert all(r[512:] == old * 2 for r in results), "other sectors are left alone"
    assert results == torn_results(lambda flash: flash.erase(0))


def test_cut_that_has_not_come_can_be_called_off(flash):
    flash.cut_after(1)
    flash.cut_after(None)
    flash.program(0, b"\x00")
    flash.cut_after(1)
    flash.power_on()
    flash.program(1, b"\x00")
    assert flash.read(0, 2) == b"\x00\x00"
    with pytest.raises(ValueError, match="number 1"):
        flash.cut_after(0)


# -- durations --------------------------------------------------------------------------


def test_durations_of_the_data_sheet():
    assert model.program_duration_ns(0, 0) == 0
    assert model.program_duration_ns(0, 1) == 30_000
    assert model.program_duration_ns(0, 256) == 700_000
    assert model.program_duration_ns(0, 4096) == 16 * 700_000
    assert model.program_duration_ns(255, 2) == 2 * 30_000, "two pages"
    assert model.erase_duration_ns() == 45_000_000
    assert model.erase_duration_ns(3) == 135_000_000


@pytest.mark.parametrize("kept", [True, False], ids=["in a file", "in memory"])
def test_another_process_may_read_the_content_as_it_is(tmp_path, kept):
    flash = Flash(tmp_path / "flash.bin" if kept else None, SIZE, SECTOR)
    if not flash.file:
        pytest.skip("the system has no file for it")
    script = (
        "import sys\n"
        "with open(sys.argv[1], 'rb') as file:\n"
        "    for line in sys.stdin:\n"
        "        file.seek(5)\n"
        "        print(file.read(5).hex(), flush=True)\n"
    )
    command = [sys.executable, "-u", "-c", script.replace("'rb'", "'rb', 0"), flash.file]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as other:

        def read():
            assert other.stdin and other.stdout
            other.stdin.write("\n")
            other.stdin.flush()
            return bytes.fromhex(other.stdout.readline())

        assert read() == b"\xff" * 5
        flash.program(5, b"hello")
        assert read() == b"hello"
        flash.erase(0)
        assert read() == b"\xff" * 5
    flash.close()


def test_a_sector_that_is_worn_out_does_not_erase():
    flash = Flash(None, 4 * 4096)
    flash.wear_out(2)
    for sector in range(4):
        flash.erase(sector)
        whole = flash.read(sector * 4096, 4096)
        assert (whole.count(0xFF) == 4096) == (sector != 2)
