"""Whatever is drawn, the panel shows it: the real screens and drivers against the models.

The firmware draws on MicroPython and notes what it puts on the bus; that is replayed to
the chip model, whose picture must be the frame buffer's, after every single screen.
"""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tokensim.board.wiring import PANELS, Wiring
from tokensim.port.unix_port import executable

pytestmark = pytest.mark.slow

FIRMWARE = Path(__file__).parents[2] / "firmware"
DRAW = """
import asyncio, binascii, json, sys
from tokenfw.display.canvas import Canvas
from tokenfw.ui.dialogs.pin_pad import Entry
from tokenfw.ui.screens import code, message, pin, prompt
from tokenfw.ui.words import Words

class Bus:
    log = []
    def writeto(self, address, data):
        self.log.append(binascii.hexlify(data).decode())
    def readfrom_mem(self, address, register, size):
        return bytes(size)

panel, screens = json.loads(sys.stdin.read())
if panel["driver"] == "sh1106":
    from tokenfw.drivers.sh1106 import SH1106 as Panel
else:
    from tokenfw.drivers.ssd1306 import SSD1306 as Panel
bus = Bus()
panel = Panel(bus, panel["address"], panel["width"], panel["height"])
canvas = Canvas(panel)
canvas.lit(True)
words = Words(lambda key: "nl")

class Typed(Entry):
    def __init__(self, title, digits):
        Entry.__init__(self, words, title, 4, 32)
        self.digits = digits

for name, arguments in screens:
    if name == "pin":
        pin.draw(canvas, words, Typed(*arguments[:2]), arguments[2])
    elif name == "prompt":
        prompt.draw(canvas, words, *arguments)
    elif name == "flip":
        panel.flip(*arguments)
    elif name == "start":
        panel.start()
        panel.power(True)
    else:
        {"code": code, "message": message}[name].draw(canvas, *arguments)
    asyncio.run(canvas.show())
    print(json.dumps([bus.log, binascii.hexlify(panel.buffer).decode()]))
    bus.log.clear()
"""

# What names are made of: letters with marks (composed or not), without a picture, from
# right to left, wide, of several code points, invisible.
pieces = st.one_of(
    st.characters(min_codepoint=0x20, max_codepoint=0x17F),
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from(["e\u0301", "u\u030b", "q\u0301", "שלום", "مرحبا", "日本", "🔑", "👩\u200d🚀"]),
    st.sampled_from(["ﬁ", "\u202e", "\t", "\n", "\0", " "]),
)
texts = st.lists(pieces, max_size=30).map("".join)
ticks = st.integers(0, 86_399)
codes = st.one_of(
    st.text("0123456789", min_size=4, max_size=10),
    st.text("23456789BCDFGHJKMNPQRTVWXY", min_size=5, max_size=5),
    st.text("-", min_size=4, max_size=10),
    texts,
)
seconds = st.integers(1, 999).flatmap(
    lambda period: st.tuples(st.integers(1, period), st.just(period))
)
feet = st.tuples(st.none(), texts)
screens = st.one_of(
    st.tuples(texts, texts, codes, st.one_of(seconds, feet), ticks).map(
        lambda each: ("code", [*each[:3], *each[3], each[4]])
    ),
    st.tuples(texts, st.lists(texts, max_size=4), ticks).map(lambda each: ("message", each)),
    st.tuples(texts, st.lists(texts, min_size=1, max_size=3), st.booleans(), ticks).map(
        lambda each: ("prompt", each)
    ),
    st.tuples(texts, st.text("0123456789", max_size=32), ticks).map(lambda each: ("pin", each)),
    st.booleans().map(lambda on: ("flip", [on])),
    st.just(("start", [])),
)


def draw(panel, drawn):
    """Have the firmware draw; return for each screen (writes on the bus, frame buffer)."""
    run = subprocess.run(
        [executable(), "-X", "heapsize=320K", "-c", DRAW],
        input=json.dumps([panel, drawn]),
        env={"MICROPYPATH": f"{FIRMWARE}:.frozen"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-500:] + run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def rows(frame, width):
    """Return a frame buffer (hex, framebuf.MONO_VLSB) as rows of 0 and 1."""
    data = bytes.fromhex(frame)
    height = len(data) // width * 8
    return [
        bytes(data[y // 8 * width + x] >> y % 8 & 1 for x in range(width)) for y in range(height)
    ]


@pytest.mark.parametrize("name", PANELS)
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(drawn=st.lists(screens, min_size=1, max_size=12))
def test_the_panel_shows_what_was_drawn(name, drawn):
    chip = Wiring(panel=name).fit_panel()
    flipped = False
    for (kind, arguments), (writes, frame) in zip(drawn, draw(PANELS[name], drawn), strict=True):
        for message in writes:
            chip.start()
            chip.write(bytes.fromhex(message))
        flipped = arguments[0] if kind == "flip" else flipped
        picture = rows(frame, chip.width)
        if flipped:
            picture = [row[::-1] for row in reversed(picture)]
        assert chip.pixels() == picture


@pytest.mark.parametrize("name", PANELS)
def test_it_would_see_a_difference(name):
    (writes, frame), *_ = draw(PANELS[name], [("message", ["Title", ["one", "two"], 0])])
    chip = Wiring(panel=name).fit_panel()
    for message in writes[:-2]:  # the last but one is a page; then it is switched on
        chip.start()
        chip.write(bytes.fromhex(message))
    chip.start()
    chip.write(bytes.fromhex(writes[-1]))
    assert chip.pixels() != rows(frame, chip.width)


def test_the_sh1106_shows_the_same_as_the_ssd1306():
    drawn = [
        ("code", ["Zoë's", "alice@example.com", "137289", 17, 30, 0]),
        ("prompt", ["Add account?", ["GitHub"], False, 0]),
    ]
    frames = [[frame for _, frame in draw(PANELS[name], drawn)] for name in ("ssd1306", "sh1106")]
    assert frames[0] == frames[1]
