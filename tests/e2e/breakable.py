"""A firmware that fails, or does something else than it should, as a test wants it."""

import shutil
from pathlib import Path

from tokenctl.payload import firmware_folder

# By its name, each change that the copy has: a file, and a statement behind the first line that has
# a text in it.
CHANGES = {
    "fails": ("clock/clock.py", "self._rtc = rtc", "raise ValueError('secret')"),
    "resets": ("system/assembly.py", "self._woken = before", "__import__('machine').reset()"),
    "fills": (
        "system/assembly.py",
        "self._woken = before",
        "hog = [bytearray(999) for _ in range(99999)]",
    ),
    "stays full": (
        "system/assembly.py",
        "self._woken = before",
        "while 1: sys.path.append(bytearray(40))",
    ),
    "no link": ("link/link.py", "\nfrom otpcore import errors", "raise ImportError('cut off')"),
    "no service": (
        "system/fault_service.py",
        "\nfrom otpcore import errors",
        "raise ImportError('cut off')",
    ),
    "no vault": ("vault/access.py", "self._flash = flash", "raise ImportError('no vault')"),
    "no screen": ("system/fault_screen.py", "tick = 0", "__import__('machine').reset()"),
    "hangs": ("system/app.py", "watch = asyncio.create_task(", "while 1: time.sleep_ms(100)"),
    "impatient": ("vault/gate.py", "self._delay = DELAYS[", "self._delay = 0"),
}
SWITCHES = "changes"  # a file on the board


class Breakable:
    """A copy of the firmware with all CHANGES in it, so that it is built once.

    Those are in force that a file on the board names.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "firmware"
        shutil.copytree(firmware_folder(), self.folder)
        for name, (file, at, statement) in CHANGES.items():
            self._put(name, self.folder / "tokenfw" / file, at, statement)
        self.mend()

    def _put(self, name: str, path: Path, at: str, statement: str) -> None:
        before, found, after = path.read_text().partition(at)
        assert found, f"{path} has no {at}"
        rest, _, after = after.partition("\n")
        indent = " " * (len(before.rpartition("\n")[2]) + (4 if rest.endswith(":") else 0))
        lines = f"{indent}if '<{name}>' in open('{SWITCHES}').read():\n{indent}    {statement}"
        path.write_text(f"{before}{at}{rest}\n{lines}\n{after}")

    def put(self, name: str) -> None:
        """Have one more of CHANGES in force from its next start on."""
        with (self.folder / SWITCHES).open("a") as file:
            file.write(f"<{name}>")

    def mend(self) -> None:
        """Have none in force."""
        (self.folder / SWITCHES).write_text("")
