"""Install the wheel in an environment of its own, and use it outside the checkout.

    try_wheel.py FOLDER

FOLDER holds one wheel. Fails if the commands do not run, or if the firmware, a catalogue or
the simulator's shims are not in the package. Of what this environment has, the other has what
the wheel asks for, as links, and nothing else.
"""

import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

_TRIAL = """
from tokenctl.payload import board_definition, firmware_folder
from tokensim.port.unix_port import SHIMS
firmware = firmware_folder()
application = firmware / "tokenfw/system/app.py"
for path in (board_definition("esp32c3"), firmware / "main.py", application, SHIMS):
    assert path.exists(), path
import otpcore.otp
assert otpcore.otp.hotp(b"12345678901234567890", 0) == "755224"
from tokenctl.flashing import app_image, chips, micropython_source, releases
assert len(app_image.build(firmware, chips.CHIPS[0])) == 0xC0000
from tokenctl.boards import rules
from tokenctl.boards.definition import load
assert rules.refuse(load(board_definition("esp32"))) == []
assert micropython_source.Choice() and releases.releases()
from tokenctl.hardening import burning
from tokenctl.errors import NotAPicture
from tokenctl.pictures import read_codes
try:
    read_codes(b"no picture")
except NotAPicture as error:
    assert "not a picture that can be read" in str(error), error
from tokenctl import language
language.choose("nl")
assert language._("done") == "gelukt"
"""


def main() -> None:
    """Try the wheel; exit with an error if it does not work."""
    (wheel,) = Path(sys.argv[1]).glob("*.whl")
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder)
        bin_folder = Path(folder) / "bin"
        pip = [sys.executable, "-m", "pip", "--python", bin_folder / "python"]
        install = [*pip, "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        subprocess.run([*install, "--no-index", "--no-deps", wheel], check=True)
        (packages,) = Path(folder).glob("lib/python*/site-packages")
        (made,) = distributions(path=[str(packages)])
        for each in _needed(made):
            _link(each, packages)
        for command in ("tokenctl", "tokensim"):
            subprocess.run(
                [bin_folder / command, "--help"], check=True, cwd=folder, stdout=subprocess.DEVNULL
            )
        subprocess.run([bin_folder / "python", "-c", _TRIAL], check=True, cwd=folder)
    print(f"{wheel.name} works on its own.")


def _needed(package: Distribution) -> list[Distribution]:
    """Return the packages here that one needs without its extras, and those that these need."""
    found: dict[tuple[str, str], Distribution] = {}
    asked = list(_asked(package, ""))
    while asked:
        name, extra = asked.pop()
        if (name, extra) not in found:
            found[name, extra] = distribution(name)
            asked += _asked(found[name, extra], extra)
    return list(found.values())


def _asked(package: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    """Yield the names of the packages that one asks for with this extra, each with its own.

    Ends the program if one is here in a version that is not asked for.
    """
    for each in map(Requirement, package.requires or ()):
        if each.marker is None or each.marker.evaluate({"extra": extra}):
            version = distribution(each.name).version
            if not each.specifier.contains(version, prereleases=True):
                sys.exit(f"{package.name} asks for {each}, and {version} is here.")
            yield from ((each.name, named) for named in ("", *each.extras))


def _link(package: Distribution, target: Path) -> None:
    """Have in the folder `target` what a package has, its metadata among it."""
    for name in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
        if not (target / name).exists():
            (target / name).symlink_to(str(package.locate_file(name)))


if __name__ == "__main__":
    main()
