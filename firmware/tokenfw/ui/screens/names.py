"""The names of an account, in the order in which every screen has them."""


def in_order(issuer, account):
    """Return those of the two that there are, the upper one first."""
    return [name for name in (issuer, account) if name]
