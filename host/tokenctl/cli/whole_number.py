"""An argument that is a whole number within bounds."""

import click


class WholeNumber(click.IntRange):
    """click's, but for its name: an error would say that x "is not a valid integer range"."""

    name = "integer"
