"""`python -m casing make`: build the cases, check them, draw them. `check` only checks."""

import sys

import click

from casing import breadboard, checks, data, fits, manifest, pocket

PLANS = {"pocket": pocket.plan, "breadboard": breadboard.plan}
names = click.argument("names", nargs=-1, type=click.Choice(list(PLANS)))


@click.group()
def main() -> None:
    """The printable cases."""


@main.command()
@names
@click.option("--pictures/--no-pictures", default=True, help="Draw them, too (minutes).")
def make(names: tuple[str, ...], pictures: bool) -> None:
    """Make STL, 3MF and STEP of all cases, or of those named, then check them."""
    from casing import export

    for name in names or PLANS:
        for path in export.build(name):
            click.echo(path.relative_to(data.HOME))
    _check(names)
    if pictures:
        from casing import scenes

        for name in names or PLANS:
            for path in scenes.draw(PLANS[name]()):
                click.echo(path.relative_to(data.HOME))


@main.command()
@names
def check(names: tuple[str, ...]) -> None:
    """Check the meshes of all cases, or of those named: do they fit, can they be printed?"""
    _check(names)


@main.command()
@names
def agree(names: tuple[str, ...]) -> None:
    """Build anew, in a folder of its own, and compare with the meshes that are kept."""
    from casing import export

    wrong = [f"{name}: {told}" for name in names or PLANS for told in export.differences(name)]
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        sys.exit(1)


def _check(names: tuple[str, ...]) -> None:
    wrong = []
    for name in names or PLANS:
        plan, pieces = PLANS[name](), manifest.pieces(name)
        found = manifest.stale(plan) + list(checks.check(plan, pieces))
        for sentence in found:
            click.echo(f"{name}: {sentence}", err=True)
        wrong += found
        size = " x ".join(f"{value:.1f}" for value in plan.shell.outer.size)
        material = plan.figures["material"]
        grams = fits.weight(pieces.values(), material["density"])
        click.echo(f"{name}: {size} mm, {grams:.0f} g of {material['name']} if printed solid.")
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except data.DataError as error:
        sys.exit(str(error))
