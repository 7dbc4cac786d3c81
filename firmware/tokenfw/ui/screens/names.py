"""The order in which all screens and questions show the names of an account.

Nothing else on the token puts an issuer and an account in a row (tests/unit/test_names.py).
"""


def in_order(issuer, account):
    """Return a list of the names that are not empty, the upper one first."""
    return [name for name in (issuer, account) if name]
