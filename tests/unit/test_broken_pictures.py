"""A corpus of files that are to do harm: each ends in one sentence, and the limits hold."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from unit.broken_pictures import CORPUS, TEXT, good

from tokenctl.errors import NoQRCode, NotAPicture, SourceError
from tokenctl.pictures import Reader, decoder, read_codes, worker
from tokenctl.pictures.reader import SECONDS

pytestmark = pytest.mark.slow

resource = pytest.importorskip("resource", reason="the system has no resource limits")

HANG = (sys.executable, "-c", "import time; time.sleep(600)")
# The limits are the same ones, met sooner: see below for how much they are.
IMPATIENT = """
from tokenctl.pictures import decoder, worker
decoder.PATIENCE, worker.SECONDS, worker.MEMORY = 0.2, 1, 400_000_000
worker.main()
"""
NEVER_DONE = """
from tokenctl.pictures import worker
def decode(data):
    while True:
        pass
worker.SECONDS, worker.decode = 0, decode
worker.main()
"""


@pytest.fixture(scope="module")
def one_reader() -> Iterator[Reader]:
    """What reads one file of the corpus after the other, as tokenctl does with several files."""
    with Reader((sys.executable, "-P", "-c", IMPATIENT)) as reader:
        yield reader


# The last ends as millions of strokes do, by the processor's time.
LONG = (
    "GIF of a hundred large frames",
    "PNG, 79 megapixels with transparency",
    "PDF of forms in forms",
)


@pytest.mark.parametrize(
    "name",
    [pytest.param(each, marks=pytest.mark.long if each in LONG else ()) for each in CORPUS],
)
def test_each_file_of_the_corpus_ends_in_one_sentence(name: str, one_reader: Reader) -> None:
    with pytest.raises((NotAPicture, NoQRCode)) as caught:
        one_reader.read(CORPUS[name]())
    assert str(caught.value).isprintable()
    assert caught.value.sentence.count(". ") == 0
    assert caught.value.exit_code == 3
    assert one_reader.read(good("PNG")).texts == [TEXT], "and the next file is read"


def test_the_limits_are_those_that_are_promised() -> None:
    """Ten seconds of the processor and one gigabyte, for one file."""
    assert decoder.PATIENCE < worker.SECONDS < 10
    assert worker.MEMORY <= 10**9


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="not every system has limits")
def test_the_system_holds_the_process_to_its_limits() -> None:
    with Reader() as reader:
        reader.read(good("PNG"))
        assert reader._process is not None
        shown = Path(f"/proc/{reader._process.pid}/limits").read_text()
    soft = {line[:26].strip(): line[26:].split()[0] for line in shown.splitlines()[1:]}
    assert soft["Max address space"] == str(10**9)
    assert 0 < int(soft["Max cpu time"]) <= 10
    assert soft["Max core file size"] == soft["Max file size"] == "0"


def test_the_clock_leaves_the_processor_s_time_to_a_computer_that_is_busy() -> None:
    """A picture is not too large because other programs run."""
    assert SECONDS >= 3 * worker.SECONDS


def test_a_file_that_takes_all_of_the_processor_s_time_is_given_up() -> None:
    """By the system: the reader's clock would say that it takes too long."""
    with (
        Reader((sys.executable, "-P", "-c", NEVER_DONE)) as reader,
        pytest.raises(NotAPicture, match="too much time or memory"),
    ):
        reader.read(good("PNG"))


@pytest.mark.parametrize(
    "patience", [0.1, pytest.param(decoder.PATIENCE, marks=pytest.mark.long)], ids=["glance", "all"]
)
def test_the_largest_picture_that_is_taken_fits_the_memory(patience: float) -> None:
    program = "from tokenctl.pictures import decoder, worker\n"
    program += f"decoder.PATIENCE = {patience}\nworker.main()"
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with (
        Reader((sys.executable, "-P", "-c", program)) as reader,
        pytest.raises((NoQRCode, NotAPicture)),
    ):  # on a slow computer: late
        reader.read(CORPUS["PNG, 79 megapixels with transparency"]())
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert 0 < most * 1024 <= 10**9 or most == before


def test_a_process_that_hangs_is_ended_and_another_is_started() -> None:
    with Reader(HANG, seconds=0.3) as reader:
        for _ in range(2):
            with pytest.raises(NotAPicture, match="takes too long"):
                reader.read(good("PNG"))


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "raise SystemExit(0)",
        "import sys; sys.stdin.buffer.read(9); print('{')",
        "import sys; sys.stdin.buffer.read(9); print('[]')",
        "import sys; sys.stdin.buffer.read(9); print('{\"texts\": 5}')",
    ],
)
def test_a_process_that_dies_or_babbles_is_one_sentence(program: str) -> None:
    with Reader((sys.executable, "-c", program)) as reader:
        for _ in range(2):
            with pytest.raises(NotAPicture, match="cannot be read"):
                reader.read(good("PNG"))


def test_no_process_can_be_started() -> None:
    with (
        Reader(("/nowhere/python",)) as reader,
        pytest.raises(SourceError, match="could not start the process"),
    ):
        reader.read(good("PNG"))


def test_one_process_reads_all_and_ends_with_its_reader() -> None:
    with Reader() as reader:
        reader.read(good("PNG"))
        process = reader._process
        reader.read(good("JPEG"))
        assert process is not None and reader._process is process
    assert process.poll() is not None


def test_no_module_is_taken_from_the_folder_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of downloads may have a PIL.py in it."""
    for name in ("PIL.py", "zxingcpp.py", "json.py", "tokenctl.py"):
        (tmp_path / name).write_text("import os; os._exit(3)")
    monkeypatch.chdir(tmp_path)
    assert read_codes(good("PNG")) == [TEXT]


def test_a_text_of_any_length_and_script_comes_through() -> None:
    for text in ("\u6a61\U0001f600 \x1d", "x" * 2900):
        file = io.BytesIO()
        segno.make(text, error="l", micro=False).save(file, kind="png", scale=3)
        assert read_codes(file.getvalue()) == [text]
