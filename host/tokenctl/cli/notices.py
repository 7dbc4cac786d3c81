"""What the user is told when the token asks for something: a sentence for each notice."""

from tokenctl.language import _, marked

_NOTICES = {
    "asleep": marked("Look at the token: it is not answering. If it is asleep, press its button."),
    "press": marked("Look at the token: press its button briefly for yes, or hold it for no."),
    "pin": marked(
        "Look at the token: it is asking for a PIN. Press until the digit is in the "
        "middle, and hold to enter it; with a second button, press that instead."
    ),
    "acknowledge": marked(
        "Look at the token: it has a question, but its button was in use. Let "
        "go, then press once to show that you have seen the question; this does "
        "not answer it yet."
    ),
    "queued": marked(
        "Look at the token: somebody is using it, which a computer cannot interrupt. "
        "This request follows at most a minute after the last press; hold the button "
        "to end what is on the screen."
    ),
    "holds": marked(
        "Look at the token: after wrong PINs, you must hold its button four "
        "times before you can try the next one. Let go each time it says so."
    ),
    "restarts": marked(
        "The token is restarting to draw a strong key. Wait: it continues by itself."
    ),
    "show_code": marked(
        "Look at the token: it shows a recovery code, one group at a time. Write it down: "
        "without it, the backup cannot be opened. The token then asks for two of the groups."
    ),
    "code": marked(
        "Look at the token: it asks for the backup's recovery code, 10 groups of 5 digits. "
        "Hold the button and the digits count up: let go at the right one. A wrong group is "
        "noticed at once."
    ),
    "hold": marked(
        "Look at the token: hold its button for 3 seconds for yes, or press briefly for no."
    ),
}


def sentence(notice: str) -> str:
    """Return the sentence for a notice of the link; newer firmware may have more of them."""
    if notice in _NOTICES:
        return _(_NOTICES[notice])
    return _("Look at the token: it is waiting for its button.")
