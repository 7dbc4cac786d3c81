"""Runs all long tests, part by part: make torture.

A part that fails does not keep the next ones from running; at the end the time of each is printed,
and the exit code is 1 if one failed. `PARTS="vault flash"` runs some of them, SECONDS is how long
power is cut at random in the part `flash`, SEED repeats a run of that part.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
SECONDS = 600
FIRMWARE = "firmware:tests/support/micropython:.frozen"

# Of tests/e2e, what takes much memory and time on a chip.
PORT32 = ("cli_backup", "cli_backup_mishaps", "cli_pin", "cli_provision", "clone", "doctor")

PASSED, FAILED, SKIPPED = "passed", "FAILED", "skipped"


class Part(NamedTuple):
    """A part: `command(seconds, seed)` returns what to run, with `environment` added.

    `needs` is a file or folder without which the part is left out.
    """

    what: str
    command: Callable[[int, str], list[str]]
    environment: dict[str, str] = {}
    needs: str = "."


def _pytest(*arguments: str) -> list[str]:
    return [str(BIN / "pytest"), "-n", "auto", "-m", "long", *arguments]


PARTS = {
    "attacks": Part(
        "hostile frames, texts, files, tokens", lambda seconds, seed: _pytest("tests/attacks")
    ),
    "unit": Part("the long tests of parts", lambda seconds, seed: _pytest("tests/unit")),
    "e2e": Part("the long tests of whole tokens", lambda seconds, seed: _pytest("tests/e2e")),
    "port32": Part(
        "tests of whole tokens, on a 32-bit MicroPython (tests/support/port32.py)",
        lambda seconds, seed: [
            *(str(BIN / "pytest"), "-n", "auto", "-p", "support.port32", "--timeout", "600"),
            *(f"tests/e2e/test_{each}.py" for each in PORT32),
        ],
        {"PYTHONPATH": "tests:."},
        needs=".venv/heap32/node_modules",
    ),
    "chip32": Part(
        "tests of whole tokens, in a heap as an ESP32's (make .venv/chip32/micropython)",
        lambda seconds, seed: [
            *(str(BIN / "pytest"), "-n", "auto", "-p", "support.chip32", "--timeout", "1800"),
            *("-m", "", "tests/e2e", "tests/unit/test_chip32.py"),
        ],
        {"PYTHONPATH": "tests:."},
        needs=".venv/chip32/micropython",
    ),
    "vault": Part(
        "each bit of a vault's images",
        lambda seconds, seed: [
            *(str(BIN / "micropython"), "-X", "heapsize=8M"),
            *("tests/support/micropython/run.py", "tests/target/test_vault_damage.py"),
        ],
        {"VAULT_BITS": "0", "MICROPYPATH": FIRMWARE},
    ),
    "flash": Part(
        "attacks on the flash, each for a tenth of SECONDS at most; power cuts for SECONDS",
        lambda seconds, seed: [
            *(sys.executable, "tests/attacks/table.py", str(seconds)),
            *filter(None, [seed]),
        ],
    ),
    "case": Part(
        "the printable cases, built anew and compared (make case sets up what that needs)",
        lambda seconds, seed: ["make", "--no-print-directory", "-C", "hardware", "agree"],
        needs=".venv/case/made",
    ),
}


def run(name: str, part: Part, seconds: int, seed: str) -> tuple[str, float]:
    """Run a part, which may print; return (how it ended, its duration in seconds)."""
    if not (ROOT / part.needs).exists():
        return SKIPPED, 0.0
    print(f"--- {name}: {part.what}", flush=True)
    begun = time.monotonic()
    code = subprocess.call(part.command(seconds, seed), cwd=ROOT, env=os.environ | part.environment)
    return PASSED if code == 0 else FAILED, time.monotonic() - begun


def main(arguments: list[str]) -> int:
    """Run the parts; return 1 if one failed, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--seed", default="")
    given = parser.parse_args(arguments)
    if unknown := [each for each in given.parts if each not in PARTS]:
        parser.error(f"there is no part {unknown[0]}, but {', '.join(PARTS)}")
    ends = {
        name: run(name, PARTS[name], given.seconds, given.seed) for name in given.parts or PARTS
    }
    print("---")
    for name, (end, took) in ends.items():
        print(f"{name:<8} {end:<8} {took / 60:5.1f} min", PARTS[name].what, sep="  ")
    return 1 if any(end == FAILED for end, _ in ends.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
