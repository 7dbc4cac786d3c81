"""Command lines to copy, at the end of each command's help; a test parses all of them."""

import click

from tokenctl.language import _

# By the command's path; what stands behind # is for people.
EXAMPLES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("backup",): (
        "tokenctl backup token.otpb",
        "tokenctl backup --verify token.otpb",
        "tokenctl backup --verify --full token.otpb",
    ),
    ("board", "check"): ("tokenctl board check board.json",),
    ("board", "list"): ("tokenctl board list",),
    ("clone",): ("tokenctl clone --from /dev/ttyUSB0 --to /dev/ttyUSB1",),
    ("code",): (
        "tokenctl code GitHub",
        "tokenctl code 'Example Bank:alice@example.com'",
        "tokenctl code GitHub --copy",
    ),
    ("completion",): (
        "tokenctl completion bash >> ~/.bashrc",
        "tokenctl completion zsh >> ~/.zshrc",
        "tokenctl completion fish > ~/.config/fish/completions/tokenctl.fish",
    ),
    ("doctor",): (
        "tokenctl doctor",
        "tokenctl doctor --json",
        "tokenctl doctor --symptom",
        "tokenctl doctor --symptom codes-refused",
    ),
    ("fault",): ("tokenctl fault 'ValueError 0:88'",),
    ("favourite",): ("tokenctl favourite GitHub", "tokenctl favourite GitHub --remove"),
    ("flash",): (
        "tokenctl flash",
        "tokenctl flash --board pocket-xiao-esp32s3",
        "tokenctl flash --dry-run",
    ),
    ("harden",): ("tokenctl harden --check",),
    ("list",): ("tokenctl list", "tokenctl list --json"),
    ("lock",): ("tokenctl lock",),
    ("move",): ("tokenctl move GitHub 1",),
    ("pin", "bind"): ("tokenctl pin bind",),
    ("pin", "clear"): ("tokenctl pin clear",),
    ("pin", "lock-after"): ("tokenctl pin lock-after 120",),
    ("pin", "set"): ("tokenctl pin set",),
    ("pin", "unbind"): ("tokenctl pin unbind",),
    ("provision",): (
        "tokenctl provision code.png",
        "tokenctl provision --screen",
        "tokenctl provision --dry-run code.png",
        "tokenctl provision --yes --delete-sources export.json",
        "tokenctl provision --static",
        "tokenctl provision code.png --also /dev/ttyUSB1",
        "tokenctl provision code.png --keep kept.json",
    ),
    ("remove",): ("tokenctl remove 'Example Bank:alice@example.com'",),
    ("rename",): ("tokenctl rename GitHub --account alice",),
    ("restore",): ("tokenctl restore token.otpb", "tokenctl restore --replace token.otpb"),
    ("status",): ("tokenctl status", "tokenctl status --clock-log"),
    ("sync",): ("tokenctl sync", "tokenctl sync --calibrate"),
    ("udev-rule",): ("tokenctl udev-rule",),
    ("verify",): ("tokenctl verify",),
    ("wipe",): ("tokenctl wipe",),
}
GROUPS: dict[str, tuple[str, ...]] = {
    name: tuple(path[1] for path in EXAMPLES if len(path) == 2 and path[0] == name)
    for name in {path[0] for path in EXAMPLES if len(path) == 2}
}


def add(command: click.Command, path: tuple[str, ...]) -> None:
    """Add examples to the help of a command, and of those below it."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            add(each, (*path, name))
    elif path in EXAMPLES:
        lines = [f"  {each}" for each in EXAMPLES[path]]
        command.epilog = "\n".join(["\b", _("Examples:"), *lines])
