"""Runs all long tests, part by part, each for its share of the time: make torture.

Where a part has more to try than there is time for, SEED draws what is tried; it is printed, and
repeats a run. A part that fails, or does not end, does not keep the next ones from running. At the
end stands what each part tried, and the exit code is 1 if one failed. `PARTS="e2e flash"` runs
some of them, SECONDS is how long all of those may take; what a part leaves goes to the next ones.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
OVERTIME = 900  # seconds after its time in which a part has to end

# Of tests/e2e, what takes much memory and time on a chip.
PORT32 = ("cli_backup", "cli_backup_mishaps", "cli_pin", "cli_provision", "clone", "doctor")

PASSED, FAILED, SKIPPED = "passed", "FAILED", "skipped"
_COUNT = re.compile(r"tried ([\d,]+ .*), (\d+) failed$")
_FAILURE = "FAILED: "


class Part(NamedTuple):
    """A part: `command(seconds, seed)` returns what to run, with `environment` added.

    `minutes` is how long it takes if nothing else is said, `needs` a file or folder without which
    the part is left out.
    """

    what: str
    minutes: int
    command: Callable[[int, int], list[str]]
    environment: dict[str, str] = {}
    needs: str = "."


class End(NamedTuple):
    """How a part ended: what of it was tried, how long that took in seconds, what failed."""

    end: str
    tried: str = ""
    took: float = 0.0
    failures: tuple[str, ...] = ()


def _pytest(seconds: int, seed: int, *arguments: str) -> list[str]:
    until = f"--until={time.time() + seconds:.0f}"
    plugin = "-p", "support.within", until, f"--seed={seed}"
    return [str(BIN / "pytest"), "-n", "auto", *plugin, "--tb", "short", *arguments]


def _long(folder: str) -> Callable[[int, int], list[str]]:
    return lambda seconds, seed: _pytest(seconds, seed, "-m", "long", f"tests/{folder}")


PARTS = {
    "e2e": Part("the long tests of whole tokens", 8, _long("e2e")),
    "attacks": Part("hostile frames, texts, files, tokens", 20, _long("attacks")),
    "unit": Part("the long tests of parts", 15, _long("unit")),
    "port32": Part(
        "tests of whole tokens, on a 32-bit MicroPython (tests/support/port32.py)",
        12,
        lambda seconds, seed: _pytest(
            *(seconds, seed, "-p", "support.port32", "--timeout", "600"),
            *(f"tests/e2e/test_{each}.py" for each in PORT32),
        ),
        needs=".venv/heap32/node_modules",
    ),
    "chip32": Part(
        "tests of whole tokens, in a heap as an ESP32's (make .venv/chip32/micropython)",
        12,
        lambda seconds, seed: _pytest(
            *(seconds, seed, "-p", "support.chip32", "--timeout", "1800", "-m", ""),
            *("tests/e2e", "tests/unit/test_chip32.py"),
        ),
        needs=".venv/chip32/micropython",
    ),
    "flash": Part(
        "attacks on the flash, and power cuts",
        20,
        lambda seconds, seed: [
            *(sys.executable, "tests/attacks/table.py", str(seconds), str(seed))
        ],
    ),
    "case": Part(
        "the printable cases, built anew and compared (make case sets up what that needs)",
        5,
        lambda seconds, seed: ["make", "--no-print-directory", "-C", "hardware", "agree"],
        needs=".venv/case/made",
    ),
}


def run(name: str, part: Part, seconds: int, seed: int) -> End:
    """Run a part, whose output is printed as it comes."""
    print(f"--- {name}: {part.what}, {seconds / 60:.0f} min", flush=True)
    begun = time.monotonic()
    process = subprocess.Popen(
        part.command(seconds, seed),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "tests:."} | part.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    tried, failures = "", []

    def end() -> None:
        failures.append("it did not end in time")
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(seconds + OVERTIME, end)
    timer.start()
    assert process.stdout
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            found = _COUNT.search(line)
            tried = found[1] if found else tried
            if line.startswith(_FAILURE):
                failures.append(line.removeprefix(_FAILURE).strip())
        code = process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        timer.cancel()
        process.stdout.close()
    if code and not failures:
        failures.append(f"exit code {code}")
    took = time.monotonic() - begun
    return End(FAILED if failures else PASSED, tried, took, tuple(failures))


def run_all(parts: dict[str, Part], seconds: int, seed: int) -> dict[str, End]:
    """Run the parts, each for its share of the time that the ones before have left."""
    ends = {name: End(SKIPPED) for name in parts}
    left = {name: part for name, part in parts.items() if (ROOT / part.needs).exists()}
    over = time.monotonic() + seconds
    while left:
        share = (over - time.monotonic()) / sum(part.minutes for part in left.values())
        name = next(iter(left))
        part = left.pop(name)
        ends[name] = run(name, part, max(1, int(share * part.minutes)), seed)
    return ends


def main(arguments: list[str]) -> int:
    """Run the parts; return 1 if one failed, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=int, help="for all of them")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    given = parser.parse_args(arguments)
    if unknown := [each for each in given.parts if each not in PARTS]:
        parser.error(f"there is no part {unknown[0]}, but {', '.join(PARTS)}")
    parts = {name: PARTS[name] for name in given.parts or PARTS}
    seconds = given.seconds or 60 * sum(part.minutes for part in parts.values())
    print(f"SEED={given.seed}, {seconds / 60:.0f} minutes", flush=True)
    ends = run_all(parts, seconds, given.seed)
    print(f"--- SEED={given.seed}")
    for name, each in ends.items():
        print(f"{name:<8} {each.end:<8} {each.took / 60:5.1f} min  tried {each.tried or 'nothing'}")
        for failure in each.failures:
            print(f"{'':<8} {failure}")
    return 1 if any(each.end == FAILED for each in ends.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
