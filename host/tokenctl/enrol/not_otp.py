"""Codes and texts that are no enrolment: what each is, and what to do about it.

One table, tried from the top, the special before the general. The messages
never repeat the text: many of these are one-time invitations to an account.
"""

import re
from typing import Final

_AGAIN = "scan the QR code that appears then"
MICROSOFT: Final = (
    "this code is for Microsoft Authenticator's push notifications; on the page choose "
    "'I want to use a different authenticator app' or 'Set up a different authentication app' "
    "(in Dutch 'Ik wil een andere verificator-app gebruiken'), then Next, "
    f"and {_AGAIN}"
)
_MICROSOFT_PERSONAL = (
    "this code is for Microsoft Authenticator with a personal account; on the page choose to "
    "set up a different authenticator app (in Dutch 'een andere verificator-app'), "
    f"and {_AGAIN}"
)
_DUO = (
    "this code is for Duo Mobile's push; ask the administrator for a hardware token (OATH), "
    "or for a code for third-party accounts"
)
OKTA: Final = (
    f"this code is for Okta Verify; choose 'Google Authenticator' in Okta instead, and {_AGAIN}"
)
_SIGN_IN = "this code signs somebody in to {}; it is no set-up code, and nobody else should see it"
_PHONE_PUSH = "this code is for the push of {}, which needs a phone; choose a TOTP token instead"

# (pattern at the beginning of the text, case ignored; clause for the user)
NOT_OTP: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), clause)
    for pattern, clause in (
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
        (r"otpauth://pipush/", _PHONE_PUSH.format("privacyIDEA")),
        (r"(pushauth|mfauth):", _PHONE_PUSH.format("ForgeRock or Ping")),
        (
            r"oktaverify:",
            OKTA,
        ),
        (
            r"onelogin-otpauth",
            "this code is for OneLogin Protect; choose 'Authenticator app' in OneLogin instead, "
            f"and {_AGAIN}",
        ),
        (r"duo:|https://(m|api)-[0-9a-z]+\.duosecurity\.com/|[A-Za-z0-9]{20}-YXBpL", _DUO),
        (
            r"com\.rsa\.securid|https?://127\.0\.0\.1/securid/",
            "this code is for RSA SecurID, which is not OATH: no other token can compute its codes",
        ),
        (
            r"authy:",
            "this is a link for the Authy app; look for the QR code that any authenticator app "
            "is asked to scan",
        ),
        (
            r"FIDO:/",
            "this code is for a passkey or a security key (FIDO), not for one-time passwords; "
            f"choose 'Authenticator app' on the page instead, and {_AGAIN}",
        ),
        (r"https://s\.team/", _SIGN_IN.format("Steam")),
        (r"https://discord(app)?\.com/ra/", _SIGN_IN.format("Discord")),
        (r"tg://login", _SIGN_IN.format("Telegram")),
        (r"(sgnl|tsdevice)://?linkdevice|tsdevice:/", _SIGN_IN.format("Signal")),
        (r"2@|https://wa\.me/settings/linked_devices", _SIGN_IN.format("WhatsApp")),
        (
            r"https?://|www\.",
            "this is a web address, no set-up code for one-time passwords; "
            "look for one that an authenticator app is asked to scan",
        ),
        (r"WIFI:", "this is the code of a Wi-Fi network, no set-up code for one-time passwords"),
        (r"(BEGIN:VCARD|MECARD:)", "this is an address card, no set-up code"),
        (r"(mailto|tel|sms|smsto|geo):", "this is a contact or a place, no set-up code"),
        (
            r"(bitcoin|bitcoincash|ethereum|lightning|litecoin|monero|dogecoin|solana|wc):",
            "this is for a wallet, no set-up code for one-time passwords",
        ),
        (
            r"[0-9]{8,14}$",
            "this looks like the serial number of a token, no set-up code; "
            "the set-up code comes from the page that asks for the token",
        ),
        (
            r"(?:[A-Z2-7]{16,}|[0-9A-F]{32,})=*$",
            "this is a bare secret with no name; run tokenctl provision with no source, "
            "which asks for issuer, account and secret",
        ),
    )
)

UNKNOWN = "this is no set-up code for one-time passwords, which begins with otpauth://"


def explain(text: str) -> str | None:
    """Return what `text` is, as a clause for the user, or None when the table does not know."""
    text = text.strip()
    for pattern, clause in NOT_OTP:
        if pattern.match(text):
            return clause
    return None
