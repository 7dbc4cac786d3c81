"""The model of the chip's heap: what the record of the chip says, and what py/gc.c does."""

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))  # bench/ is not installed

from bench.heap32.allocator import BLOCK, ESP32, Chip, Heap, NoRoom, replay  # noqa: E402

RECORD = Path(__file__).parents[1] / "data/conformance/esp32-v1.24.0.json"
SMALL = Chip(64 * BLOCK, (40 * 1024, 0))


def test_a_bare_heap_takes_what_the_chip_was_seen_to_take():
    """The probes of idf-heap: pieces of 4,096 bytes until there is no room; then a collection."""
    recorded = json.loads(RECORD.read_text())["idf-heap"]
    heap, held = Heap(ESP32), 0
    assert heap.left == recorded["idf.largest-block.at-start"]
    with pytest.raises(NoRoom):
        while True:
            heap.allocate(held, 1 + 4096 // BLOCK)  # the object, and what is in it
            held += 1
    assert held == recorded["heap.grow"]
    assert heap.left == recorded["idf.largest-block.when-grown"]
    for each in range(held):
        heap.lose(each)
    heap.collect()
    assert heap.left == recorded["idf.largest-block.after-collect"]


def test_the_first_free_blocks_that_are_enough_are_given():
    heap = Heap(SMALL)
    for key in range(16):
        heap.allocate(key, 4)  # the first area is full
    for key in (3, 9, 10):
        heap.free(key)
    heap.allocate("large", 8)
    heap.allocate("small", 1)
    assert heap.areas_taken == 0
    heap.allocate("last", 3)
    assert heap.areas_taken == 0, "behind the small one, where the third was"
    heap.allocate("more", 1)
    assert heap.areas_taken == 1


def test_it_collects_before_it_takes_more():
    heap = Heap(SMALL)
    heap.allocate("garbage", 40)
    heap.lose("garbage")
    heap.allocate("next", 40)
    assert (heap.collections, heap.areas_taken) == (1, 0)
    heap.allocate("another", 40)
    assert (heap.collections, heap.areas_taken) == (2, 1)
    assert heap.used == 80 * BLOCK
    heap.lose("another")
    heap.collect()
    assert heap.left == SMALL.pieces[0], "an area that is empty is given back"


def test_it_collects_when_as_much_was_given_as_the_firmware_says():
    heap = Heap(SMALL)
    heap.threshold = 8 * BLOCK
    for key in range(10):
        heap.allocate(key, 1)
        heap.lose(key)
    assert heap.collections == 1
    assert heap.used == BLOCK


def test_what_lies_scattered_leaves_no_large_piece():
    heap = Heap(SMALL._replace(pieces=(0, 0)))
    for key in range(64):
        heap.allocate(key, 1)
    for key in range(0, 64, 2):
        heap.free(key)
    assert heap.largest == BLOCK
    with pytest.raises(NoRoom) as failed:
        heap.allocate("two", 2)
    assert failed.value.args == (2 * BLOCK,)


def test_what_grows_stays_where_there_is_room_behind_it():
    heap = Heap(SMALL._replace(pieces=(0, 0)))
    heap.allocate("list", 4)
    heap.resize("list", 30)
    heap.allocate("other", 2)
    heap.resize("list", 31)  # and now it must move, but lives until it is copied
    heap.allocate("where it was", 30)
    heap.resize("list", 1)
    heap.allocate("behind it", 30)
    assert heap.used == 63 * BLOCK


def test_a_recording_is_lived_through_on_a_chip():
    events = [
        ("t", 64),
        ("s", 200),
        ("a", 1, 300),
        ("a", 2, 40),
        ("d", 2),
        ("c",),
        ("r", 1, 310),
        ("s", 0),
        ("w",),
        ("m", "before"),
        ("a", 3, 100_000),
        ("f", 1),
        ("m", "after"),
    ]
    before, after = replay(events)
    assert (before.failed, before.radio) == ([], [ESP32.pieces[0]])
    assert before.used - after.used == 310 * BLOCK
    assert after.failed == [1_600_000]
    assert before.least <= before.largest


def test_what_is_let_go_of_at_once_may_be_one_event():
    """With collections between, and areas taken."""
    told = [
        ("a", "kept", 3),
        ("t", 20 * BLOCK),
        ("g", 2000),
        ("g", 5000),
        ("a", "last", 9),
        ("g", 4),
    ]
    apart: list[tuple] = []
    for number, event in enumerate(told):
        wasted = [("a", number, event[1]), ("d", number)] if event[0] == "g" else [event]
        apart += wasted
    one, other = (replay([*events, ("m", "then")]) for events in (told, apart))
    assert one == other and one[0].used > 12 * BLOCK and one[0].most > 5000 * BLOCK
