"""Why tokensim cannot do what somebody wants of it."""


class Refusal(Exception):
    """Something cannot be done: exit code 1. The message is a sentence without a full stop."""


class ControlError(Refusal):
    """An order cannot be carried out, or no token be run."""
