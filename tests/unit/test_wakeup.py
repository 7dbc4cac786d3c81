"""The model of what wakes a chip: after ESP-IDF's "Sleep Modes" and the data sheets."""

import pytest

from tokensim.board.wakeup import EXT0, EXT1, GPIO, CannotWake, Wakeup


def levels(*low: int):
    return lambda pin: 0 if pin in low else 1


def test_ext0_watches_one_pin():
    wakeup = Wakeup("esp32")
    wakeup.watch(EXT0, False, [27])
    assert not wakeup.wakes(levels(26))
    assert wakeup.wakes(levels(27))
    wakeup.reset()
    assert not wakeup.wakes(levels(27))


@pytest.mark.parametrize(
    ("chip", "wakes"), [("esp32", False), ("esp32s2", True), ("esp32s3", True)]
)
def test_ext1_of_an_esp32_waits_until_all_its_pins_are_low(chip, wakes):
    wakeup = Wakeup(chip)
    wakeup.hold(2, True)
    wakeup.hold(4, True)
    wakeup.watch(EXT1, False, [4, 2])
    assert wakeup.wakes(levels(4)) == wakes
    assert wakeup.wakes(levels(4, 2))


@pytest.mark.parametrize(
    ("chip", "wakes"), [("esp32", False), ("esp32s2", True), ("esp32s3", True)]
)
def test_a_gpios_pull_up_is_gone_in_the_sleep_of_newer_chips_unless_it_is_held(chip, wakes):
    wakeup = Wakeup(chip)
    wakeup.watch(EXT0, False, [4])
    assert wakeup.wakes(levels()) == wakes
    wakeup.hold(4, True)
    wakeup.reset()
    wakeup.watch(EXT0, False, [4])
    assert not wakeup.wakes(levels())
    assert wakeup.wakes(levels(4))
    wakeup.hold(4, False)
    assert wakeup.wakes(levels()) == wakes


def test_ext1_for_high_takes_any():
    wakeup = Wakeup("esp32")
    wakeup.watch(EXT1, True, [4, 2])
    assert wakeup.wakes(levels(4))
    assert not wakeup.wakes(levels(4, 2))


@pytest.mark.parametrize(
    ("chip", "source", "pin"),
    [
        ("esp32", EXT0, 22),
        ("esp32", EXT0, 1),
        ("esp32", GPIO, 4),
        ("esp32s2", EXT1, 22),
        ("esp32s3", EXT0, 38),
        ("esp32c3", EXT0, 4),
    ],
)
def test_what_the_chip_does_not_have(chip, source, pin):
    with pytest.raises(CannotWake):
        Wakeup(chip).watch(source, False, [pin])


def test_a_c3_takes_any_pin_and_its_sleep_then_fails():
    wakeup = Wakeup("esp32c3")
    wakeup.watch(GPIO, False, [5])
    assert wakeup.lets_sleep()
    wakeup.watch(GPIO, False, [5, 6])
    assert not wakeup.lets_sleep()
