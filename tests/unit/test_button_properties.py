"""A bouncing button: no press is lost and none counts twice, whatever the contact does.

The driver is a pure state machine; it runs here on CPython with MicroPython's ticks.
"""

import importlib.util
import sys
import types
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

SOURCE = Path(__file__).parents[2] / "firmware" / "tokenfw" / "drivers" / "button.py"
WRAP = 1 << 30  # of ticks_ms on the board


def diff(end, start):
    return (end - start + WRAP // 2) % WRAP - WRAP // 2


@pytest.fixture(scope="module")
def driver():
    fakes = {"micropython": types.ModuleType("micropython"), "time": types.ModuleType("time")}
    fakes["micropython"].const = lambda value: value  # pyrefly: ignore[missing-attribute]
    fakes["time"].ticks_diff = diff  # pyrefly: ignore[missing-attribute]
    spec = importlib.util.spec_from_file_location("button_under_test", SOURCE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    kept = {name: sys.modules.get(name) for name in fakes}
    sys.modules.update(fakes)
    try:
        spec.loader.exec_module(module)
    finally:
        for name, before in kept.items():
            sys.modules.pop(name)
            if before is not None:
                sys.modules[name] = before
    return module


# How long the contact rattles at an edge, as (ms of one level, ms of the other)...
bounces = st.lists(st.integers(1, 6), max_size=8)
presses = st.lists(
    st.tuples(
        st.one_of(st.integers(60, 700), st.integers(900, 2800), st.integers(3200, 5000)),
        st.one_of(st.integers(60, 160), st.integers(330, 900)),  # the pause after it
        bounces,
        bounces,
    ),
    max_size=12,
)


def trace(drawn):
    """Return the level of every ms."""
    levels = [False] * 60
    for length, pause, down, up in drawn:
        for level, times, stays in ((True, down, length), (False, up, pause)):
            for number, each in enumerate(times):
                levels += [level if number % 2 == 0 else not level] * each
            levels += [level] * (stays + 30)
    return levels + [False] * 400


def kinds(driver, drawn, doubles):
    """Return what somebody who looks at the finger, not at the contact, would call the presses."""
    found, first = [], False
    for length, pause, _, _ in drawn:
        if first:
            found[-1:] = [driver.DOUBLE]
            first = False
            continue
        short = length < 800
        found.append(driver.SHORT if short else driver.HOLD if length > 3000 else driver.LONG)
        first = doubles and short and pause < 250
    return found


@given(drawn=presses, start=st.integers(0, WRAP - 1), doubles=st.booleans(), step=st.integers(5, 9))
def test_every_press_counts_once(driver, drawn, start, doubles, step):
    levels = trace(drawn)
    now = 0
    button = driver.Button(lambda: levels[now])
    button.doubles = doubles
    events = []
    for now in range(0, len(levels), step):  # noqa: B007  (read() looks at it)
        event = button.poll((start + now) % WRAP)
        if event is not None:
            events.append(event)
    given_once = []
    for number, event in enumerate(events):
        if event == driver.LONG and events[number + 1 : number + 2] == [driver.HOLD]:
            continue
        if event != driver.DOWN:
            given_once.append(event)
    assert given_once == kinds(driver, drawn, doubles)
    assert events.count(driver.DOWN) == len(given_once)
