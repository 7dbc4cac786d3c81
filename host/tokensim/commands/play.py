"""The command `tokensim play`: scripts in, pictures out."""

from pathlib import Path

import click

from tokensim.board.wiring import PANELS
from tokensim.play import play as playing
from tokensim.play.play import PlayFailed, Screenshot
from tokensim.play.script import BadScript, Script, parse
from tokensim.port.unix_port import executable
from tokensim.view import photograph, picture


class _Failed(click.ClickException):
    """A script cannot be carried out: exit code 1."""

    exit_code = 1


class _Wrong(click.ClickException):
    """A script is not valid: exit code 2."""

    exit_code = 2


@click.command(short_help="Run scripts on new tokens, and take screenshots.")
@click.argument(
    "scripts",
    metavar="SCRIPT...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Save each screenshot as NAME.png in this folder. Default: print them.",
)
@click.option(
    "--panel", type=click.Choice([*PANELS]), help="Use this OLED instead of the script's."
)
@click.option(
    "--scale",
    type=click.IntRange(picture.PLAIN, picture.LARGEST),
    metavar="FACTOR",
    help="Image pixels per OLED pixel; 1 is plain black and white.  [4]",
)
def play(scripts: tuple[Path, ...], out: Path | None, panel: str | None, scale: int | None) -> None:
    """Run each SCRIPT on a new token, in simulated time, and take its screenshots.

    A script has one command per line; lines indented below a tokenctl request run
    when the token asks. The same script always gives the same screenshots.

    \b
        at 2026-11-24 12:00:05            # UTC
        provision otpauth://totp/Bank:me?secret=KNSUG4SFOQVE432CN5CHSKSTMVCXGKSU
          wait 1
          screenshot question
          press
        sync
          press
        at 12:01:03
        press
        screenshot code

    \b
    Buttons     press [COUNT], hold [SECONDS], second-press, second-hold, enter PIN
    Time        wait SECONDS, at [DATE] TIME
    Pictures    screenshot NAME
    Requests    provision URI, sync, pin set, pin clear, lock, wipe
    The board   power off, power on, battery out, clock SECONDS, panel NAME

    Nothing is written unless everything succeeds. Exit code 2: a script is not valid;
    1: a command failed.
    """
    if scale is not None and out is None:
        raise click.UsageError("--scale requires --out")
    parsed = [(path, _read(path)) for path in scripts]
    _require_different(parsed)
    executable()
    taken = [shot for path, script in parsed for shot in _play(path, script, panel)]
    if out is None:
        for shot in taken:
            click.echo(f"{shot.name}\n{picture.as_printed(shot.pixels)}", nl=False)
        return
    out.mkdir(parents=True, exist_ok=True)
    for shot in taken:
        path = out / f"{shot.name}.png"
        photograph.save(shot.pixels, path, scale or picture.USUAL, shot.brightness)
        click.echo(path)


def _read(path: Path) -> Script:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except BadScript as error:
        raise _Wrong(f"{path}, {error}.") from None
    except UnicodeDecodeError:
        raise _Wrong(f"{path} is not a script: it is not text.") from None


def _require_different(parsed: list[tuple[Path, Script]]) -> None:
    """Refuse two screenshots of the same name: the second would overwrite the first."""
    taken: dict[str, Path] = {}
    for path, script in parsed:
        for name in script.screenshots():
            if name in taken:
                raise _Wrong(f"{taken[name]} and {path} both have a screenshot called {name}.")
            taken[name] = path


def _play(path: Path, script: Script, panel: str | None) -> list[Screenshot]:
    def note(sentence: str) -> None:
        click.echo(f"Note: {path}, {sentence}.", err=True)

    try:
        return playing.play(script, panel, note)
    except PlayFailed as error:
        raise _Failed(f"{path}, {error}.") from None
