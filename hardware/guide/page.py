"""What the pages of a build share: their first line, the command, the parts and what to watch."""

from collections import Counter

from guide.build import Build, Part

_MADE = "Made by `make hardware` from [{name}.json](../../boards/{name}.json); do not edit."


def made(build: Build) -> str:
    return _MADE.format(name=build.definition.name)


def flash(build: Build) -> str:
    board = "" if build.definition.name == "esp32-devkit" else f" --board {build.definition.name}"
    return f"tokenctl flash{board}"


def text(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def watch(build: Build, kinds: tuple[str, ...] = ()) -> list[str]:
    lines = []
    for part, _ in counted(build):
        for each in part.facts["watch"]:
            if not kinds or part.kind in kinds:
                lines.append(f"- **{part.title}.** {each}")
    return lines


def counted(build: Build) -> list[tuple[Part, int]]:
    """Return each sort of part once, with how many there are of it."""
    numbers = Counter(part.id for part in build.parts)
    first = {part.id: part for part in reversed(build.parts)}
    return [
        (first[name], numbers[name] * first[name].facts["quantity"])
        for name in dict.fromkeys(part.id for part in build.parts)
    ]
