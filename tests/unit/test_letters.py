"""The letters of the screen against Unicode's own data, on the MicroPython that draws them."""

import json
import runpy
import subprocess
import unicodedata
from pathlib import Path

from tokensim.port.unix_port import executable

ROOT = Path(__file__).parents[2]
NAMES = (
    "Škoda Łódź Tromsø Łukasz Öğüt Ďáblice Ťahanovce Ľubľana Ķemeri Ģirts Ųžuolas București Țara"
)
COMPOSE = """
import json, sys
from tokenfw.display.letters import composed
for line in sys.argv[1:]:
    print(json.dumps(composed(line)))
"""


def composed(lines):
    """Return what the firmware makes of texts."""
    run = subprocess.run(
        [executable(), "-c", COMPOSE, *lines],
        env={"MICROPYPATH": f"{ROOT / 'firmware'}:.frozen"},
        capture_output=True,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_what_is_taken_apart_is_put_together_again():
    letters = [chr(code) for code in range(0xC0, 0x180)]
    letters += "ȘșȚțǦǧǨǩȞȟẀẁẂẃẄẅỲỳ"
    apart = [unicodedata.normalize("NFD", text) for text in [*letters, NAMES]]
    assert sum(len(each) == 2 for each in apart) > 130
    assert composed(apart) == [*letters, NAMES]


def test_other_texts_come_back_as_they_were():
    texts = ["Crédit", "Ελλάδα", "Привет", "שלום", "日本語", "🔑", "ộ", "a\u0334"]
    assert composed(texts) == texts


def test_the_module_is_what_the_tool_makes(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    made = runpy.run_path(str(ROOT / "tools" / "make_letters.py"))["module"]()
    fresh: dict[str, object] = {}
    exec(made, fresh)  # noqa: S102 (the formatter has been over the written one)
    written = runpy.run_path(str(ROOT / "firmware" / "tokenfw" / "display" / "letterforms.py"))
    names = [name for name in fresh if name.isupper()]
    assert len(names) >= 9
    assert {name: written.get(name) for name in names} == {name: fresh[name] for name in names}
