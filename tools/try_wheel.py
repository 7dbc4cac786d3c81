"""Install the wheel in an environment of its own, and use it outside the checkout.

    try_wheel.py FOLDER

FOLDER holds one wheel. Fails if the commands do not run, or if the firmware, a catalogue or
the simulator's shims are not in the package.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

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
        subprocess.run([*install, "-c", "constraints.txt", wheel], check=True)
        for command in ("tokenctl", "tokensim"):
            subprocess.run(
                [bin_folder / command, "--help"], check=True, cwd=folder, stdout=subprocess.DEVNULL
            )
        subprocess.run([bin_folder / "python", "-c", _TRIAL], check=True, cwd=folder)
    print(f"{wheel.name} works on its own.")


if __name__ == "__main__":
    main()
