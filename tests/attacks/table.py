"""All attacks on the flash, and a table of them: `python tests/attacks/table.py SECONDS [SEED]`.

Runs each attack in flash/ on all processors, its cases in an order in which the first ones are
of all kinds, for a tenth of so many seconds at most; then micropython/torture.py of support, a
process for so many seconds. Prints how many cases ended in what, and keeps it in flash.json.
Ends with exit code 1 where one failed.
"""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TESTS = HERE.parent
FILES = sorted((HERE / "flash").glob("*.py"))
KEPT = HERE / "flash.json"
ENDS = ("all there", "said", "older as a whole")
PARTS = os.cpu_count() or 1  # of each attack, a process each
SHARE = 10  # of the seconds: one attack's

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
    """Return one row for each attack: the sum of its parts."""
    found: dict[str, Row] = {}
    for each in counts:
        row = found.setdefault(each["attack"], {"attack": each["attack"]})
        for end in ENDS:
            if end in each:
                row[end] = row.get(end, 0) + each[end]
    return list(found.values())


def text(kept: list[Row]) -> str:
    """Return the rows as a table."""
    width = max(len(row["attack"]) for row in kept)
    lines = [f"{'attack':<{width}}  {'tried':>8}" + "".join(f"  {end:>16}" for end in ENDS)]
    for row in kept:
        numbers = [row.get(end, 0) for end in ENDS]
        line = f"{row['attack']:<{width}}  {sum(numbers):>8}"
        lines.append(line + "".join(f"  {number:>16}" for number in numbers))
    return "\n".join(lines)


def read() -> list[Row]:
    """Return the rows of the last run of all."""
    return json.loads(KEPT.read_text())


def main(seconds: str, *seed: str) -> int:
    """Run all; return the exit code."""
    jobs: list[tuple[list[str], dict[str, str]]] = [
        (
            [str(TESTS / "support" / "micropython" / "run.py"), str(path)],
            {"PART": f"{part}/{PARTS}"},
        )
        for part in range(PARTS)
        for path in FILES
    ]
    jobs.append(([str(TESTS / "support" / "micropython" / "torture.py"), seconds, *seed], {}))
    failed, counts = 0, []
    bound = str(max(1, int(seconds) // SHARE))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = pool.map(lambda job: run(job[0], ATTACKS="all", SECONDS=bound, **job[1]), jobs)
        for (arguments, part), (code, printed) in zip(jobs, runs, strict=True):
            print(" ".join(map(str, [Path(arguments[0]).name, *arguments[1:], *part.values()])))
            if code:
                failed += 1
                print(printed)
            counts += counted(printed)
    if not failed:
        KEPT.write_text(json.dumps(rows(counts), indent=1) + "\n")
    print(text(rows(counts)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
