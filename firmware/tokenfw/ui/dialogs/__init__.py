"""The dialogs at the token, and which presses answer them."""
