"""Codes and texts that are not enrolments: what each is, and what to do about it.

One table, tried from the top, specific before general. The messages
never repeat the text: many of these are one-time invitations to an account.
"""

import re
from typing import Final

from tokenctl.language import _, marked

# What a text is, as a clause for the user; {app} is said in the table.
MICROSOFT: Final = marked(
    "this code is for Microsoft Authenticator's push notifications; on the page, choose "
    "'I want to use a different authenticator app' or 'Set up a different authentication app' "
    "(in Dutch 'Ik wil een andere verificator-app gebruiken'), then Next, and scan the QR code "
    "that appears"
)
_MICROSOFT_PERSONAL = marked(
    "this code is for Microsoft Authenticator with a personal account; on the page, choose to "
    "set up a different authenticator app (in Dutch 'een andere verificator-app'), and scan the "
    "QR code that appears"
)
_DUO = marked(
    "this code is for Duo Mobile push; ask the administrator for a hardware token (OATH), "
    "or for a code for third-party accounts"
)
OKTA: Final = marked(
    "this code is for Okta Verify; choose 'Google Authenticator' in Okta instead, and scan the "
    "QR code that appears"
)
_SIGN_IN = marked(
    "this code signs somebody in to {app}; it is not a setup code, and nobody else should see it"
)
_PHONE_PUSH = marked(
    "this code is for {app} push, which needs a phone; choose a TOTP token instead"
)

# (pattern at the beginning of the text, case ignored; clause for the user; app that it is of)
NOT_OTP: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), clause, "".join(app))
    for pattern, clause, *app in (
        (r"phonefactor:", MICROSOFT),
        (
            r"https://login\.(microsoftonline\.(com|us)|chinacloudapi\.cn)/authenticatorApp/"
            r"[^?]*\?(.*&)?accountType=msa",
            _MICROSOFT_PERSONAL,
        ),
        (
            r"https://login\.(microsoftonline\.(com|us)|chinacloudapi\.cn)/authenticatorApp/",
            MICROSOFT,
        ),
        (r"ms-msa:", _MICROSOFT_PERSONAL),
        (r"(msauth|microsoft-authenticator):", MICROSOFT),
        (r"otpauth://pipush/", _PHONE_PUSH, "privacyIDEA"),
        (r"(pushauth|mfauth):", _PHONE_PUSH, "ForgeRock or Ping"),
        (
            r"oktaverify:",
            OKTA,
        ),
        (
            r"onelogin-otpauth",
            marked(
                "this code is for OneLogin Protect; choose 'Authenticator app' in OneLogin "
                "instead, and scan the QR code that appears"
            ),
        ),
        (r"duo:|https://(m|api)-[0-9a-z]+\.duosecurity\.com/|[A-Za-z0-9]{20}-YXBpL", _DUO),
        (
            r"com\.rsa\.securid|https?://127\.0\.0\.1/securid/",
            marked(
                "this code is for RSA SecurID, which is not OATH: no other token can generate "
                "its codes"
            ),
        ),
        (
            r"authy:",
            marked(
                "this is a link for the Authy app; look for the QR code meant for any "
                "authenticator app"
            ),
        ),
        (
            r"FIDO:/",
            marked(
                "this code is for a passkey or a security key (FIDO), not for one-time passwords; "
                "choose 'Authenticator app' on the page instead, and scan the QR code that appears"
            ),
        ),
        (r"https://s\.team/", _SIGN_IN, "Steam"),
        (r"https://discord(app)?\.com/ra/", _SIGN_IN, "Discord"),
        (r"tg://login", _SIGN_IN, "Telegram"),
        (r"(sgnl|tsdevice)://?linkdevice|tsdevice:/", _SIGN_IN, "Signal"),
        (r"2@|https://wa\.me/settings/linked_devices", _SIGN_IN, "WhatsApp"),
        (
            r"https?://|www\.",
            marked(
                "this is a web address, not a setup code for one-time passwords; "
                "look for the code meant for an authenticator app"
            ),
        ),
        (
            r"WIFI:",
            marked(
                "this code is for a Wi-Fi network; it is not a setup code for one-time passwords"
            ),
        ),
        (r"(BEGIN:VCARD|MECARD:)", marked("this is a contact card, not a setup code")),
        (
            r"(mailto|tel|sms|smsto|geo):",
            marked("this is contact information or a location, not a setup code"),
        ),
        (
            r"(bitcoin|bitcoincash|ethereum|lightning|litecoin|monero|dogecoin|solana|wc):",
            marked("this is for a crypto wallet; it is not a setup code for one-time passwords"),
        ),
        (
            r"[0-9]{8,14}$",
            marked(
                "this looks like the serial number of a token, not a setup code; the setup code "
                "is on the page that asks for the token"
            ),
        ),
        (
            r"(?:[A-Z2-7]{16,}|[0-9A-F]{32,})=*$",
            marked(
                "this is only a secret, with no name; run tokenctl provision with no source, "
                "which asks for issuer, account and secret"
            ),
        ),
    )
)

UNKNOWN = marked("this is not a setup code for one-time passwords, which starts with otpauth://")


def explain(text: str) -> str | None:
    """Return what `text` is, as a clause for the user, or None if the table does not know."""
    text = text.strip()
    for pattern, clause, app in NOT_OTP:
        if pattern.match(text):
            return _(clause).format(app=app)
    return None
