"""The dialogs of tokenctl provision: collecting, typing, reviewing, cleaning up."""
