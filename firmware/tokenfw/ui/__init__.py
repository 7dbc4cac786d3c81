"""The user interface: codes, menu, dialogs, and their texts."""
