"""What is shown of a command line that is not valid: the options, never what may be a secret."""

import pytest

from tokenctl.cli.main import run

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    "arguments",
    [
        ["provision", "--keep-password-file", "x.txt", "y.png"],  # as long as a base32 secret
        ["sync", "--require-synchronised=3"],
    ],
)
def test_an_option_is_named_however_long_it_is(arguments, capfd) -> None:
    assert run(arguments) == 2
    assert arguments[1].partition("=")[0] in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", SECRET],
        ["list", f"--{SECRET}"],
        ["move", "x", SECRET],
        ["provision", "--type", SECRET],
    ],
)
def test_what_may_be_a_secret_is_not(arguments, capfd) -> None:
    assert run(arguments) == 2
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize("arguments", [["move", "x", "first"], ["pin", "lock-after", "soon"]])
def test_what_is_no_number_is_said_in_plain_words(arguments, capfd) -> None:
    assert run(arguments) == 2
    assert f"'{arguments[-1]}' is not a valid integer." in capfd.readouterr().err
