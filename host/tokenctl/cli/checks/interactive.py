"""What only the user can tell: whether the panel shows all its dots, and the buttons work."""

from tokenctl.cli.checks.finding import FAIL, OK, SKIPPED, Finding
from tokenctl.cli.dialog import ask, says_yes, tell
from tokenctl.device.token import Token
from tokenctl.errors import Quit
from tokenctl.language import _

_CHECKS = "panel_picture", "button_presses"


def not_asked() -> list[Finding]:
    """Return the findings for when there is nobody to ask."""
    text = _("not tested: run this at a terminal, with the token at hand")
    return [Finding(each, SKIPPED, text) for each in _CHECKS]


def tried(token: Token, buttons: int) -> list[Finding]:
    """Ask the user, who looks at the token and presses its buttons."""
    return [_picture(token), _presses(token, buttons)]


def _picture(token: Token) -> Finding:
    check = _CHECKS[0]
    try:
        ask(_("Look at the token's screen, and press Enter here: it will be lit for six seconds. "))
        token.examination.panel()
        whole = says_yes(_("Did all of it light up, and then a chessboard with no line missing?"))
    except Quit:
        return Finding(check, SKIPPED, _("not tested: nobody answered"))
    if whole:
        return Finding(check, OK, _("complete, according to the user"))
    text = _("incomplete, according to the user")
    advice = _(
        "check that the panel's type in the board definition is the one fitted; "
        "if it is, the panel is worn or broken"
    )
    return Finding(check, FAIL, text, advice)


def _presses(token: Token, buttons: int) -> Finding:
    pressed: list[int | None] = []
    for number in range(buttons):
        if number == 0:
            tell(_("Press the button of the token within 15 seconds."))
        else:
            tell(_("Press the second button of the token within 15 seconds."))
        found = token.examination.button(number)
        if found is None:
            tell(_("No press was detected. Try again: press for half a second."))
            found = token.examination.button(number)
        pressed.append(None if found is None else found + 1)
    check, values = _CHECKS[1], {"pressed": pressed}
    right = [number + 1 for number in range(buttons)]
    if pressed == right:
        return Finding(check, OK, _("every press was detected"), "", values)
    if None in pressed:
        missing = ", ".join(str(r) for r, p in zip(right, pressed, strict=True) if p is None)
        text = _("no press of button {missing} was detected").format(missing=missing)
        advice = _("if it was pressed: check its wire to the pin and to ground")
        return Finding(check, FAIL, text, advice, values)
    text = _("the wrong button was pressed")
    advice = _("if you did press the right one, the wires are swapped")
    return Finding(check, FAIL, text, advice, values)
