"""The commands of tokenctl: where each is, and its line in the main help.

A command's module is imported when that command is run or asked for its own help, and no other:
so tokenctl --help, and the completion of a shell, import next to nothing.
"""

import importlib
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from tokenctl.cli import examples
from tokenctl.language import _

# By its name: the module in tokenctl.cli.commands, and what the command is called there.
_PLACES = {
    "backup": ("backup", "backup"),
    "board": ("board", "board"),
    "clone": ("clone", "clone"),
    "code": ("code", "code"),
    "completion": ("completion", "completion"),
    "doctor": ("doctor", "doctor"),
    "fault": ("fault", "fault"),
    "favourite": ("accounts", "favourite"),
    "flash": ("flash", "flash"),
    "harden": ("harden", "harden"),
    "list": ("accounts", "list_accounts"),
    "lock": ("pin", "lock"),
    "move": ("accounts", "move"),
    "pin": ("pin", "pin"),
    "provision": ("provision", "provision"),
    "remove": ("accounts", "remove"),
    "rename": ("accounts", "rename"),
    "restore": ("restore", "restore"),
    "status": ("device", "status"),
    "sync": ("clock", "sync"),
    "udev-rule": ("udev_rule", "print_udev_rule"),
    "verify": ("verify", "verify"),
    "wipe": ("device", "wipe"),
}


def summaries() -> dict[str, str]:
    """Return the line of each command in the main help, in the current language."""
    return {
        "backup": _("Save all accounts in a file that only a token opens."),
        "board": _("Check the definition of your wiring."),
        "clone": _("Copy all accounts from one token to another."),
        "code": _("Print a code, after a press on the token."),
        "completion": _("Complete commands and options in your shell."),
        "doctor": _("Find out what is wrong."),
        "fault": _("Find the source line of a firmware fault."),
        "favourite": _("Have an account come first on the token."),
        "flash": _("Turn a blank board into a token, or update one."),
        "harden": _("Show how to close the board permanently, or close it."),
        "list": _("List the accounts."),
        "lock": _("Lock the token now."),
        "move": _("Change the order of the accounts."),
        "pin": _("Set, change or remove the token's PIN."),
        "provision": _("Add accounts to the token."),
        "remove": _("Remove an account."),
        "rename": _("Rename an account."),
        "restore": _("Put the accounts of a backup on the token."),
        "status": _("Show details of the token, and the state of its vault and clock."),
        "sync": _("Set the token's clock from the computer's."),
        "udev-rule": _("Print the rule that lets you use boards on Linux."),
        "verify": _("Read a board's flash back, and compare it with the release."),
        "wipe": _("Erase everything on the token."),
    }


class Commands(click.Group):
    """All commands, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """See click.Group."""
        return sorted({*_PLACES, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See click.Group."""
        if cmd_name not in _PLACES:
            return super().get_command(ctx, cmd_name)
        module, attribute = _PLACES[cmd_name]
        found = getattr(importlib.import_module(f"tokenctl.cli.commands.{module}"), attribute)
        examples.add(found, (cmd_name,))
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See click.Group; a name that does not exist is compared with those in the table."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            unknown = getattr(click.exceptions, "NoSuchCommand", None)  # since click 8.4
            if unknown is None or not isinstance(error, unknown):
                raise
            raise unknown(args[0], possibilities=self.list_commands(ctx), ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See click.Group; no command is imported."""
        with formatter.section(_("Commands")):
            formatter.write_dl(self._summaries())

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """See click.Group; no command is imported."""
        found = [
            CompletionItem(name, help=text)
            for name, text in self._summaries()
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def _summaries(self) -> list[tuple[str, str]]:
        others = {name: each.get_short_help_str() for name, each in self.commands.items()}
        return sorted((others | summaries()).items())


def path_of(arguments: Sequence[str]) -> str:
    """Return the command of a command line, as in `tokenctl pin set --help`.

    Options in front of it are skipped, as far as they can be recognised.
    """
    path = ["tokenctl"]
    rest = iter(arguments)
    for each in rest:
        if each in _PLACES:
            path.append(each)
            break
    if path[-1] in examples.GROUPS:
        path += [each for each in rest if each in examples.GROUPS[path[-1]]][:1]
    return " ".join(path)
