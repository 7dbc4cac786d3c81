"""tokenctl completion: the script with which a shell completes commands and options."""

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from tokenctl.cli import terminal
from tokenctl.cli.global_options import global_options

VARIABLE = "_TOKENCTL_COMPLETE"  # by which the script asks tokenctl what may come next


class _Bash(BashComplete):
    """Bash, wherever this runs: click would ask this computer's bash for its version."""

    @staticmethod
    def _check_version() -> None:
        return None


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@global_options
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script with which SHELL completes the commands and options of tokenctl.

    Add it to a file that the shell reads when it starts. It does not ask the token,
    so names of accounts are not completed.
    """
    program = context.find_root().command
    script = _SHELLS[shell](program, {}, "tokenctl", VARIABLE).source()
    terminal.lines(script.strip("\n").splitlines())
