"""Typical accounts: an issuer of 12 letters, an email address of 24, a secret of 160 bits."""

from tokenctl.enrol.enrolment import Enrolment, enrol


def enrolments(count: int) -> list[Enrolment]:
    """Return so many enrolments (up to 1000) with different names."""
    return [
        enrol(f"Example {number:04}", f"someone{number:04}@example.info", _secret(number))
        for number in range(count)
    ]


def _secret(number: int) -> bytes:
    return bytes((number + 37 * place) & 0xFF for place in range(20))
