"""All attacks on the flash, and a table of them: `python tests/attacks/table.py SECONDS SEED`.

Runs each attack on all processors, its cases in an order that SEED draws and in which the first
ones are of all kinds, for a share of so many seconds: those in flash/, the bits of
test_vault_damage.py, and the power cuts of support's micropython/torture.py. Prints each when it
is through, at the end how many cases ended in what, and keeps that in flash.json if none failed;
then the exit code is 0. The last line is what tools/torture.py reads.
"""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TESTS = HERE.parent
FILES = sorted((HERE / "flash").glob("*.py"))
BITS = TESTS / "target" / "test_vault_damage.py"
KEPT = HERE / "flash.json"
ENDS = ("all there", "said", "older as a whole")
PARTS = os.cpu_count() or 1  # of each attack, a process each
# Of the seconds a half is for power cuts; the other is for thirteen attacks: ten in bits.py,
# sectors.py as a whole, two in BITS.
CUTS, SHARE = 2, 26

Row = dict[str, Any]


def run(arguments: list[str], **environment: str) -> tuple[int, str]:
    """Run a program on MicroPython; return its exit code and what it printed."""
    micropython = Path(sysconfig.get_path("scripts")) / "micropython"
    places = [TESTS.parent / "firmware", TESTS / "support" / "micropython", ".frozen"]
    done = subprocess.run(
        [micropython, "-X", "heapsize=8M", *arguments],
        env={**os.environ, "MICROPYPATH": ":".join(map(str, places)), **environment},
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def counted(printed: str) -> list[Row]:
    """Return the counts that an attack printed."""
    lines = [line for line in printed.splitlines() if line.startswith('{"attack"')]
    return [json.loads(line) for line in lines]


def rows(counts: Iterable[Row]) -> list[Row]:
    """Return one row for each attack: the sum of its parts, and of how many cases, if known."""
    found: dict[str, Row] = {}
    for each in counts:
        row = found.setdefault(each["attack"], {"attack": each["attack"]})
        for end in ENDS:
            if end in each:
                row[end] = row.get(end, 0) + each[end]
        if "of" in each:
            row["of"] = each["of"]
    return list(found.values())


def tried(row: Row) -> str:
    """Return how many cases were tried, of how many, if that is known."""
    count = f"{sum(row.get(end, 0) for end in ENDS):,}"
    return f"{count} of {row['of']:,}" if row.get("of") else count


def text(kept: list[Row]) -> str:
    """Return the rows as a table."""
    width = max(len(row["attack"]) for row in kept)
    lines = [f"{'attack':<{width}}  {'tried':>18}" + "".join(f"  {end:>16}" for end in ENDS)]
    for row in kept:
        line = f"{row['attack']:<{width}}  {tried(row):>18}"
        lines.append(line + "".join(f"  {row.get(end, 0):>16,}" for end in ENDS))
    return "\n".join(lines)


def read() -> list[Row]:
    """Return the rows of the last run of all."""
    return json.loads(KEPT.read_text())


def jobs(seconds: int, seed: int) -> list[tuple[list[str], dict[str, str]]]:
    """Return what to run, (arguments, environment): the longest first, a process for each part."""
    support = TESTS / "support" / "micropython"
    programs = [[str(support / "torture.py"), str(max(1, seconds // CUTS)), str(seed)]]
    programs += [[str(support / "run.py"), str(path)] for path in (*FILES, BITS)]
    share = str(max(1, seconds // SHARE))
    return [
        (each, {"PART": f"{part}/{PARTS}", "SECONDS": share, "SEED": str(seed), "ATTACKS": "all"})
        for each in programs
        for part in range(PARTS)
    ]


def main(seconds: str, seed: str) -> int:
    """Run all; return the exit code."""
    failed = 0
    found: dict[int, list[Row]] = {}  # by the place of the job, whichever ends first
    with ThreadPoolExecutor(PARTS) as pool:
        runs = {
            pool.submit(run, arguments, **environment): (place, arguments, environment)
            for place, (arguments, environment) in enumerate(jobs(int(seconds), int(seed)))
        }
        for done in as_completed(runs):
            place, arguments, environment = runs[done]
            code, printed = done.result()
            found[place] = counted(printed)
            program = next(each for each in reversed(arguments) if each.endswith(".py"))
            name = f"{Path(program).name} {environment['PART']}"
            for row in found[place]:
                print(f"  {name}: {row['attack']}: tried {tried(row)}", flush=True)
            if code:
                failed += 1
                print(f"FAILED: {name}, seed {seed}\n{printed}", flush=True)
    kept = rows(row for place in sorted(found) for row in found[place])
    if not failed:
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    print(text(kept))
    number = sum(row.get(end, 0) for row in kept for end in ENDS)
    print(f"tried {number} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
