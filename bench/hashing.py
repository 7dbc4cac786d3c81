"""The cost of a code on MicroPython, against the minimum and against the naive way."""

from bench import runtime
from bench.figure import Figure, ratio

_CODE = "One code on MicroPython"
_ITERATIONS = 2400  # of on_micropython.x25519


def codes() -> list[Figure]:
    """Return the figures of computing a TOTP code, from secret and time to text."""
    figures: list[Figure] = []
    for algorithm, taken in runtime.run("codes").items():
        title = algorithm.replace("SHA", "SHA-")
        ours, bare, naive = taken["ours"], taken["bare"], taken["naive"]
        figures.append(ratio(_CODE, f"{title} / its two native hashes", ours, bare, at_most=4))
        figures.append(ratio(_CODE, f"{title}, naive byte by byte / ours", naive, ours))
    return figures


def sha512_cores() -> list[Figure]:
    """Return the figure of the SHA-512 cores; [] if MicroPython has no viper."""
    taken = runtime.run("cores")
    if taken is None:
        return []
    name = "a block, portable / viper"
    return [ratio("SHA-512 on MicroPython", name, taken["portable"], taken["viper"], at_least=20)]


def exchange() -> list[Figure]:
    """Return the cost of an X25519 product, in rounds of PBKDF2: chips do 945 to 10,475 a second.

    A clone takes two products on each token, which are allowed 20 s on the slowest chip.
    """
    taken = runtime.run("x25519")
    if taken is None:
        return []
    rounds = [each / _ITERATIONS for each in taken["round"]]
    name = "a product, in rounds of the PIN's key"
    return [ratio("X25519 on MicroPython", name, taken["product"], rounds, at_most=9_000)]
