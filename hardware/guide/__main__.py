"""python -m guide [--boards FOLDER] [--out FOLDER]: all that is made of definitions.

Without options the checkout's own files are written. A folder of your own has an
esp32-devkit.json, too, and any builds beside it, which name their parts as those of
hardware/boards do. A build that the electrical rules check refuses ends it with a sentence
and exit code 1.
"""

import argparse
import sys
from pathlib import Path

from guide import assembly_page, breadboard, erc, pages, power_page
from guide.build import BOARDS, ROOT, BadBuild, Build, builds
from guide.on_board import on_board
from guide.plot import plot
from guide.schematic import schematic
from guide.wiring import wiring
from tokenctl.boards import devices
from tokenctl.boards.definition import load
from tokenctl.errors import TokenctlError

_BOARD = ROOT / "firmware" / "tokenfw" / "board.py"
OWN = "esp32-devkit"  # the firmware's own definition, and the simulated board's


def made_of(folder: Path = BOARDS) -> dict[str, bytes]:
    """Return everything as paths within the checkout, and contents; raise BadBuild."""
    files = {
        "firmware/board.json": load(folder / f"{OWN}.json").for_board(),
        "firmware/tokenfw/board.py": devices.with_table(_BOARD.read_text()).encode(),
        "firmware/tokenfw/drivers/panels.py": devices.firmware_panels().encode(),
        "hardware/README.md": _with_table((ROOT / "hardware" / "README.md").read_text()).encode(),
    }
    board = on_board()
    _refuse_faults(board)
    files["hardware/pcb/netlist.txt"] = pages.netlist(board).encode()
    for build in builds(folder):
        for name, text in _of(build).items():
            files[f"hardware/builds/{build.name}/{name}"] = text.encode()
    return files


def _with_table(page: str) -> str:
    """Return a page with the table of clock chips as it is today."""
    new = devices.page()
    start = page.index(new[0])
    return page[:start] + "\n".join(new) + page[page.index("\n\n", start) :]


def _refuse_faults(build: Build) -> None:
    """Raise BadBuild with the first thing that the electrical rules check says."""
    wrong = erc.check(build)
    if wrong:
        raise BadBuild(f"{build.name}: {wrong[0]}")


def _of(build: Build) -> dict[str, str]:
    _refuse_faults(build)
    files = {
        "README.md": pages.overview(build),
        "assembly.md": assembly_page.assembly(build),
        "netlist.txt": pages.netlist(build),
        "parts.csv": pages.parts_csv(build),
        "parts.md": pages.parts_page(build),
        "power.md": power_page.power_page(build),
        "power.svg": plot(build),
        "schematic.svg": schematic(build),
        "wiring.svg": wiring(build),
    }
    there = breadboard.plugged(build)
    for number, step in assembly_page.pictured(build):
        heading = f"Step {number}: {step.title}"
        files[assembly_page.step_file(number)] = wiring(
            build, step.refs, step.nets, step.new, heading
        )
        if there is not None:
            drawn = breadboard.picture(build, there, number, step.refs, heading)
            files[assembly_page.breadboard_file(number)] = drawn
    return files


def main() -> None:
    """Write the files, and delete what is no longer made."""
    parser = argparse.ArgumentParser(prog="python -m guide", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT, metavar="FOLDER")
    parser.add_argument("--boards", type=Path, default=BOARDS, metavar="FOLDER")
    arguments = parser.parse_args()
    out = arguments.out
    try:
        files = made_of(arguments.boards)
    except OSError as error:
        print(f"Error: {error.filename} cannot be read.", file=sys.stderr)
        sys.exit(1)
    except (BadBuild, TokenctlError) as error:
        print(f"Error: {error}.", file=sys.stderr)
        sys.exit(1)
    there = {each for each in (out / "hardware" / "builds").rglob("*") if each.is_file()}
    for path in there - {out / name for name in files}:
        path.unlink()
    for name, content in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{len(files)} files made.")


if __name__ == "__main__":
    main()
