"""The order in which all screens show the names of an account."""


def in_order(issuer, account):
    """Return a list of the names that are not empty, the upper one first."""
    return [name for name in (issuer, account) if name]
