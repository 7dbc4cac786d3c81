"""Runs the probes of tests/data/conformance under tokensim, in the firmware's place.

The real interpreter runs probe.py with the real shims; what a probe wants of the outside
(@@SEND, @@LATER, @@PRESS, @@RESET, @@CRASH) is done here, in simulated time.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tokensim.board.board import Board
from tokensim.board.idfheap import BARE
from tokensim.board.timebase import SimulatedTime
from tokensim.port.interpreter import HEAP
from tokensim.port.runtime import Runtime
from tokensim.running.simulator import Simulator

DATA = Path(__file__).parents[1] / "data" / "conformance"
RECORD: dict[str, dict[str, Any]] = json.loads((DATA / "esp32-v1.24.0.json").read_text())
# Section of the record: the files of its probes, each run on a board of its own. Some go on
# to others with the next start of the chip.
FILES = {
    "after-a-crash": ["crash"],
    "async": ["async"],
    "async2": ["async2"],
    "flash": ["flash"],
    "frame": ["frame"],
    "hash": ["hash"],
    "i2c": ["i2c"],
    "idf-heap": ["heap"],
    "idf-heap-starved": ["starved"],
    "lang": ["lang"],
    "machine": ["machine"],
    "promise": ["promise"],
    "reset": ["reset"],
    "serial": ["serial"],
    "stack": ["stack"],
    "system": ["system"],
    "time": ["time"],
    "viper": ["viper"],
    "wdt": ["wdt"],
    "wlan": ["wlan", "radio2"],
    "wlan-memory": ["radio", "starved2"],
}
_AFTER = {"reset": [f"reset{number}" for number in range(2, 7)], "after-a-crash": ["crash2"]}
# Sections that fill the memory until ESP-IDF has none: the simulator says by itself what that
# has, and a heap that is never full shows what the rest does then.
_HEAPS = {"heap": "1000K", "starved": "1000K"}
_MAIN = "probe.py"
_START = 1_790_000_000_000_000_000
_MS = 1_000_000
_PATIENCE = 120_000 * _MS  # simulated, for one section
_OUTCOME = re.compile(r"@@ ([^\t]*)\t(.*)")


class Probing:
    """A board whose firmware is the probes of one file; `folder`, an empty one, is its files.

    `left` is what ESP-IDF has of its memory.
    """

    def __init__(self, name: str, folder: Path, left: tuple[int, int] = BARE) -> None:
        self._folder = folder
        for path in DATA.glob("*.probes"):
            shutil.copy(path, folder)
        self._load(name)
        self.outcomes: dict[str, Any] = {}
        self.output = b""
        self._line = b""
        self._over = False
        time = SimulatedTime(_START)
        self._board = Board(time.now, None)
        self._board.idf_heap.leave(left)
        heap = _HEAPS.get(name, HEAP)
        runtime = Runtime(folder, _MAIN, heap)
        self._simulator = Simulator(self._board, time, self._hear, runtime)

    def run(self) -> dict[str, Any]:
        """Run it until the section's end, and return the outcomes."""
        simulator = self._simulator
        try:
            simulator.chip.power_on()
            simulator.run(simulator.time.now() + _PATIENCE, lambda: self._over, [])
        finally:
            simulator.close()
        if not self._over:
            raise TimeoutError(f"the probes do not end: {self.output[-2000:].decode()}")
        return self.outcomes

    def _load(self, name: str) -> None:
        """Have the board run a section when it starts the next time."""
        start = f'\n\nif __name__ == "__main__":\n    run("{name}")\n'
        (self._folder / _MAIN).write_text((DATA / _MAIN).read_text() + start)
        self._section = name

    def _hear(self, data: bytes) -> None:
        self.output += data
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", "surrogateescape").rstrip("\r"))

    def _take(self, line: str) -> None:
        found = _OUTCOME.search(line)  # a probe may have printed before it
        if found:
            key, outcome = found.groups()
            self.outcomes[key] = json.loads(outcome)
        elif line == "@@END " + self._section:
            self._over = True
        elif line.startswith("@@") and line[2:3].isalpha():
            self._do(*line[2:].split(" "))

    def _do(self, what: str, *words: str) -> None:
        now, uart = self._simulator.time.now(), self._simulator.chip.uart
        if what == "SEND":
            uart.from_computer(bytes.fromhex(words[0]), now)
        elif what == "LATER":
            uart.from_computer(bytes.fromhex(words[1]), now + int(words[0]) * _MS)
        elif what == "PRESS":
            after, duration = (int(each) * _MS for each in words)
            self._board.button.schedule(now + after, duration, [])
        elif what == "RESET":
            self._load(words[0])
        elif what == "CRASH":
            self._simulator.chip.crash()


def recorded(section: str) -> dict[str, Any]:
    """Return the outcomes of a section that can be judged; probes say which they are."""
    keys = set(probes(section))
    return {
        key: outcome
        for key, outcome in RECORD[section].items()
        if key in keys and not _is_unjudged(outcome)
    }


def probes(section: str) -> dict[str, str]:
    """Return the code of each probe of a section, by key."""
    code: dict[str, str] = {}
    names = FILES.get(section, [])
    for name in names + _AFTER.get(section, []):
        for part in re.split(r"(?m)^(?=[=*!] )", (DATA / f"{name}.probes").read_text())[1:]:
            head, _, body = part.partition("\n")
            code[head[2:].strip()] = body
    return code


def _is_unjudged(outcome: Any) -> bool:
    return isinstance(outcome, dict) and not {"not judged", "arbitrary"}.isdisjoint(outcome)
