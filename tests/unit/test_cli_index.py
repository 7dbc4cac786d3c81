"""The commands without their modules: help and completion import none; and who wants no colours."""

import os
import subprocess
import sys

import pytest

from tokenctl.cli import terminal

HEAVY = ("rich", "prompt_toolkit", "serial", "PIL", "tokenctl.device.token", "tokenctl.enrol")
PROGRAM = f"""
import sys
from tokenctl.cli.main import run
code = run(sys.argv[1:])
print(code, [each for each in {HEAVY!r} if each in sys.modules], file=sys.stderr)
"""


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def test_help_imports_nothing_that_it_does_not_need():
    done = python(PROGRAM, "--help")
    assert done.stderr == "0 []\n" and "provision  " in done.stdout


def complete(shell: str, words: str) -> str:
    environment = {
        "_TOKENCTL_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": "1" if shell != "fish" else words.rpartition(" ")[2],
    }
    return python("import sys; from tokenctl.cli.main import run; run([])", **environment).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script_and_gets_the_commands(shell):
    script = python(f"from tokenctl.cli.main import run; run(['completion', '{shell}'])").stdout
    assert "_TOKENCTL_COMPLETE" in script and f"{shell}_complete" in script
    if shell == "bash":
        assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    offered = complete(shell, "tokenctl pro")
    assert "provision" in offered and "remove" not in offered


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_no_color_means_none(monkeypatch, capsys, variables, coloured):
    monkeypatch.setattr(terminal, "columns", lambda *, err: 80)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("click.echo", lambda text, err, nl=True: print(text, file=sys.stderr))
    terminal.warn("Warning: odd.")
    assert ("\x1b[" in capsys.readouterr().err) is coloured
