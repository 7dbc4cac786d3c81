"""Other apps' exports: what is recognised, refused and left out, on a few files made by hand.

What each app writes, and that it comes out as it was, is asserted elsewhere, from the
apps' side of the format.
"""

import io
import json
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tokenctl.enrol import apps
from tokenctl.enrol.apps import android_xml, java
from tokenctl.enrol.apps.faults import (
    MissingLibrary,
    NoExport,
    NoPassword,
    SeveralFormats,
    TooCostly,
    Unreadable,
)
from tokenctl.enrol.apps.opening import Opening
from tokenctl.errors import SourceError, TokenctlError

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Bank:alice?secret={SECRET}&issuer=Bank"


def dump(value: object) -> bytes:
    return json.dumps(value).encode()


def aegis(*entries: object, **outer: object) -> bytes:
    db = {"version": 3, "entries": list(entries)}
    return dump({"version": 1, "header": {"slots": None, "params": None}, "db": db} | outer)


def entry(name: str = "alice", type: str = "totp", **info: object) -> dict[str, object]:
    fields = {"secret": SECRET, "algo": "SHA1", "digits": 6, "period": 30} | info
    return {"type": type, "name": name, "issuer": "Bank", "favorite": False, "info": fields}


def read(data: bytes, **more: object) -> apps.Export:
    return apps.read(data, **more)  # pyrefly: ignore[bad-argument-type]


def why(data: bytes, kind: type[TokenctlError] = SourceError, **more: object) -> str:
    with pytest.raises(kind) as caught:
        read(data, **more)
    sentence = caught.value.sentence
    assert SECRET not in sentence
    return sentence


# --- recognised by what is in them --------------------------------------------------------

XML = b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>%s</map>"
RECOGNISED = {
    "aegis": aegis(entry()),
    "2fas": dump({"schemaVersion": 4, "services": [{"name": "Bank", "secret": SECRET, "otp": {}}]}),
    "andotp": dump([{"secret": SECRET, "label": "x", "type": "TOTP"}]),
    "bitwarden": dump({"encrypted": False, "folders": [], "items": [{"login": {"totp": SECRET}}]}),
    "bitwarden-authenticator": dump({"encrypted": False, "items": [{"login": {"totp": URI}}]}),
    "ente": f"{URI}&codeDisplay=%7B%7D".encode(),
    "proton": dump({"version": 1, "entries": [{"content": {}}]}),
    "freeotp1": XML % b'<string name="tokenOrder">[]</string>',
    "freeotp-plus": dump({"tokenOrder": [], "tokens": [{}]}),
    "totp-authenticator": XML % b'<string name="STATIC_TOTP_CODES_LIST">[{}]</string>',
    "authy": XML % b'<string name="com.authy.storage.tokens.authenticator.key">[{}]</string>',
    "duo": dump([{"name": "x", "otpGenerator": {"otpSecret": SECRET}}]),
    "steam": dump({"account_name": "x", "shared_secret": "AAAA"}),
    "lastpass": dump({"version": 3, "deviceName": "x", "accounts": [{}]}),
    "winauth": f"otpauth://totp/WinAuth:Bank?secret={SECRET}&digits=6&issuer=WinAuth".encode(),
    "keepassxc": b'"Group","Title","Username","Password","URL","Notes","TOTP"\n',
    "passwords": b"Title,URL,Username,Password,Notes,OTPAuth\r\n",
    "pskc": b'<?xml version="1.0"?>\n<!-- x --><pskc:KeyContainer Version="1.0">',
    "stratum": dump({"Categories": [], "Authenticators": []}),
    "freeotp2": java.MAGIC,
    "uris": f"A note.\nThe code is {URI}.\n".encode(),
}


@pytest.mark.parametrize("name", RECOGNISED)
def test_each_app_is_recognised_by_what_is_in_its_file(name):
    found = [app.name for app in apps.recognise(RECOGNISED[name])]
    assert found == [name]
    bom = b"\xef\xbb\xbf" * (name not in ("freeotp2",))
    assert [app.name for app in apps.recognise(bom + RECOGNISED[name])] == [name]


@pytest.mark.parametrize(
    "header", ["Group,Title,Username,Password,TOTP", "Group, Title , Username,Password, TOTP "]
)
def test_blanks_beside_the_names_of_keepassxc_s_columns_lose_no_account(header):
    export = read(f"{header}\nRoot,Bank,alice,pw,{URI}\n".encode())
    assert [(each.names.issuer, each.names.account) for each in export.entries] == [
        ("Bank", "alice")
    ]


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("R&amp;D &lt;new&gt;", "", "R&D <new>"),
        ("Joe&#039;s &quot;Bar&quot;", "", 'Joe\'s "Bar"'),
        ("&amp;lt;", "a=1&amp;b=2", "&lt;"),
        ("R&D", "a=1&amp;b=2", "R&D"),  # this file was not escaped
        ("R&amp;D", "a=1&b=2", "R&amp;D"),
        ("R&amp;D", "a>b", "R&amp;D"),
        ("AT&T", "", "AT&T"),
        ("caf&eacute;", "", "caf&eacute;"),
    ],
)
def test_names_read_as_in_lastpass_whose_extension_escapes_what_it_writes(name, more, expected):
    header = "url,username,password,totp,extra,name,grouping,fav"
    quoted = name.replace('"', '""')
    row = f'https://example.com/?{more},{quoted},x,GEZDGNBVGY3TQOJQ,,"{quoted}",,0'
    (entry,) = read(f"{header}\n{row}\n".encode()).entries
    assert (entry.names.issuer, entry.names.account) == (expected, expected)


@pytest.mark.parametrize(
    ("last", "end", "warned"),
    [
        ("GEZDGNBVGY3TQ", "", True),
        ("GEZDGNBVGY3TQ", "\n", False),  # the line is whole
        ("GEZDGNBVGY3TQOJQ", "", False),  # as long as another
        (URI, "", False),
    ],
)
def test_a_table_that_may_end_within_its_last_secret_is_warned_of(last, end, warned):
    rows = f"a,GEZDGNBVGY3TQOJQ\nnone,\nb,GEZDGNBVGY3TQOJQGEZDGNBV\nlast,{last}{end}"
    *others, entry = read(f"title,totp\n{rows}".encode()).entries
    assert any("cut short" in each for each in entry.warnings) is warned
    assert [each.warnings for each in others] == [(), ()]


def test_names_of_other_managers_are_what_stands_there():
    data = b"Title,URL,Username,Password,Notes,OTPAuth\nR&amp;D,,a&lt;b,x,,GEZDGNBVGY3TQOJQ\n"
    (entry,) = read(data).entries
    assert (entry.names.issuer, entry.names.account) == ("R&amp;D", "a&lt;b")


def test_one_uri_of_an_app_s_in_a_list_makes_no_export_of_it():
    mixed = b"\n".join((RECOGNISED["winauth"], URI.encode(), URI.encode()))
    assert [app.name for app in apps.recognise(mixed)] == ["uris"]


def test_every_app_of_the_table_is_there():
    assert set(RECOGNISED) == set(apps.NAMES)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"just a note",
        SECRET.encode(),
        SECRET.encode() * 4,
        b"3132333435363738" * 4,
        dump({"items": [1, 2]}),
        dump({"version": "1", "name": "a package"}),
        b"<html><body>no map</body></html>",
        bytes(1000),
        bytes(range(256)) * 2 + b"\xff" * 600,
    ],
)
def test_what_is_no_export_is_none(data):
    assert apps.recognise(data) == ()
    why(data, NoExport)


def test_random_bytes_may_be_andotp_and_a_password_would_prove_it():
    data = b"\0\2\0\0" + bytes(each * 89 % 251 for each in range(600))
    assert [app.name for app in apps.recognise(data)] == ["andotp"]
    assert "not an andOTP backup" in why(data, password=lambda: "x")


@pytest.mark.parametrize(
    ("begin", "words"),
    [
        (b"\x03\xd9\xa2\x9a", "KeePass"),
        (b"SQLite format 3\0", "database"),
        (b"-----BEGIN PGP MESSAGE-----\n", "PGP"),
        (b"\x1f\x8b\x08", "gzip"),
    ],
)
def test_strangers_are_named(begin, words):
    assert words in why(begin + bytes(100), NoExport)
    assert words in why(begin + bytes(range(256)) * 2, NoExport), "as random as a cipher's"


def test_a_file_that_two_claim_is_asked_about():
    data = dump({"tokens": [], "schemaVersion": 4, "services": []})
    sentence = why(data, SeveralFormats)
    assert "2fas" in sentence and "freeotp-plus" in sentence and "--format" in sentence
    why(data, Unreadable, format="2fas")


@pytest.mark.parametrize("name", [name for name in RECOGNISED if name != "aegis"])
def test_an_app_that_is_named_wrongly(name):
    assert "cannot be read" in why(aegis(entry()), Unreadable, format=name)


@pytest.mark.parametrize("name", ["aegis", "2fas", "lastpass"])
def test_a_damaged_file_says_whose_it_is_and_how_to_make_another(name):
    sentence = why(
        {
            "aegis": aegis(entry())[:-3].replace(b"null", b"[]"),
            "2fas": b'{"schemaVersion":4,"appOrigin":"android","services":[{"name":',
            "lastpass": b'{"accounts":[{"issuerName":"x",',
        }[name],
        Unreadable,
    )
    (app,) = [each for each in apps.APPS if each.name == name]
    assert app.title in sentence and app.export in sentence and "cut short" in sentence


# --- what is left out, and why ------------------------------------------------------------


def test_what_the_token_lacks_is_left_out_by_name_and_nothing_is_bent():
    export = read(
        aegis(
            entry("good"),
            entry("yandex", type="yandex"),
            entry("motp", type="motp"),
            entry("md5", algo="MD5"),
            entry("no time", period=0),
            entry("three", digits=3),
            entry("six letters", type="steam", digits=6),
            entry("long" * 20),
            entry("last"),
        )
    )
    assert [each.account for each in export.entries] == ["good", "last"]
    assert not any(each.bad for each in export.left_out)
    reasons = {each.name: each.reason for each in export.left_out}
    assert "Yandex" in reasons["Bank:yandex"] and "PIN" in reasons["Bank:motp"]
    assert "MD5" in reasons["Bank:md5"] and "period" in reasons["Bank:no time"]
    assert "digits" in reasons["Bank:three"] and "Steam" in reasons["Bank:six letters"]
    assert "in the app" in reasons[f"Bank:{'long' * 20}"[:60]]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"secret": "JBSWY3DP1"}, "character 9"),
        ({"secret": ""}, "empty"),
        ({"secret": None}, "no secret"),
        ({"digits": "six"}, "digits"),
        ({"digits": True}, "digits"),
        ({"period": 29.5}, "period"),
        ({"type": "hotp"}, "counter"),
    ],
)
def test_a_damaged_entry_is_bad_and_the_others_are_there(fields, words):
    export = read(aegis(entry("one"), entry("bad", **fields), 7, entry("two")))
    assert [each.account for each in export.entries] == ["one", "two"]
    bad, nothing = export.left_out
    assert bad.bad and bad.name == "Bank:bad" and words in bad.reason
    assert nothing.bad and nothing.name == "entry 3"
    assert SECRET not in str(export) and "JBSWY3DP1" not in bad.reason


def test_order_favourites_and_what_is_dropped():
    export = read(
        dump(
            {
                "schemaVersion": 3,
                "services": [
                    {"name": f"{place}", "secret": SECRET, "otp": {}, "order": {"position": place}}
                    for place in (2, 0, 1)
                ],
            }
        )
    )
    assert [each.issuer for each in export.entries] == ["0", "1", "2"]
    assert export.dropped == ()
    noted = entry() | {"favorite": True, "note": "x"}
    export = read(aegis(entry(), noted))
    assert [each.favourite for each in export.entries] == [False, True]
    assert export.dropped == ("notes",)


def test_no_representation_shows_a_secret():
    opening = Opening(lambda: "the password")
    opening.ask()
    assert "the password" not in repr(opening)
    export = read(aegis(entry()))
    assert repr(export.entries[0].secret) not in repr(export)


# --- passwords ----------------------------------------------------------------------------


def sealed_ente(**params: object) -> bytes:
    kdf = {"memLimit": 8 << 20, "opsLimit": 1, "salt": "AAAAAAAAAAAAAAAAAAAAAA=="} | params
    sealed = {"encryptedData": "A" * 64, "encryptionNonce": "A" * 32}
    return dump({"version": 1, "kdfParams": kdf} | sealed)


def test_a_password_is_asked_for_once_and_only_where_it_is_needed():
    asked: list[None] = []

    def password() -> str:
        asked.append(None)
        return "x"

    read(aegis(entry()), password=password)
    assert not asked
    assert "password is wrong" in why(sealed_ente(), password=password)
    assert len(asked) == 1
    assert "--password-file" in why(sealed_ente(), NoPassword)


def test_a_missing_library_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nacl", None)
    assert "otptoken[import]" in why(sealed_ente(), MissingLibrary, password=lambda: "x")


# --- what is hostile ----------------------------------------------------------------------


def archive(*members: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as made:
        for name, data in members:
            made.writestr(name, data)
    return file.getvalue()


BOMB = archive(("winauth.txt", bytes(5 << 20)))
ENTITIES = '<?xml version="1.0"?><!DOCTYPE map [<!ENTITY a "aaaaaaaaaaaaaaaa">]>'
COSTLY: dict[str, Callable[[], bytes]] = {
    "an hour of rounds": lambda: sealed_ente(opsLimit=2**31),
    "64 GiB": lambda: sealed_ente(memLimit=2**36),
    "2 GiB once": lambda: sealed_ente(memLimit=2**31),
    "a million entries": lambda: b'{"schemaVersion":4,"services":[' + b"{}," * 10**6 + b"{}]}",
    "a million lists": lambda: b'{"version":1,"header":{},"db":{"entries":[' + b"[]," * 10**6,
    "20,000 URIs": lambda: (URI + "\n").encode() * 20_000,
    "20,000 keys": lambda: b"<KeyContainer>" + b"<Key/>" * 20_000 + b"</KeyContainer>",
    "more than it may be": lambda: b"[" + b" " * (17 << 20) + b"]",
    "an archive that unpacks to more": lambda: BOMB,
    "many files": lambda: archive(*((f"{number}", b"") for number in range(200))),
    "a map of 2 billion": lambda: serialised(pairs=2**31),
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_costs_too_much_is_refused_before_it_is_done(name):
    assert why(COSTLY[name](), TooCostly, password=lambda: "x", allow_slow=True)


def test_a_gibibyte_must_be_allowed():
    data = sealed_ente(memLimit=2**30, opsLimit=4)
    assert "--allow-slow" in why(data, TooCostly, password=lambda: "x")


@pytest.mark.parametrize("depth", [10**5, 10**6])
def test_depth_is_no_way_to_the_end_of_the_stack(depth):
    why(b'{"schemaVersion":4,"services":' + b"[" * depth)
    why(b"<map>tokenOrder" + b"<a>" * (depth // 20))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("root", ["map", "KeyContainer"])
def test_a_document_type_is_refused(encoding, root):
    text = f"{ENTITIES}<{root}>&a;</{root}>"
    for name in (None, "freeotp1", "authy", "totp-authenticator", "pskc"):
        why(text.encode(encoding), format=name)
    with pytest.raises(Unreadable, match="document type"):
        android_xml.bare(text)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (archive(("a.zip", archive(("b.txt", b"x")))), "archive in this archive"),
        (archive(("a.txt", URI.encode()), ("b.txt", URI.encode())), "2 files"),
        (archive(("raivo-otp-export.json", b"[]")), "Raivo"),
        (archive(("a.bin", b"\xff\xfe\x00")), "neither text"),
        (archive(("a.txt", b"x"), packing=zipfile.ZIP_LZMA), "compressed"),
        (BOMB[:-40], "cut short"),
    ],
)
def test_archives_that_are_refused(data, words):
    assert words in why(data, password=lambda: "x")


def test_an_archive_says_what_it_unpacks_to_and_is_not_believed():
    lying = bytearray(BOMB)
    directory = lying.find(b"PK\x01\x02")
    for place in (22, directory + 24):
        lying[place : place + 4] = struct.pack("<I", 100)
    why(bytes(lying), password=lambda: "x")


# --- Java ---------------------------------------------------------------------------------

HASH_MAP = b"\0\x11java.util.HashMap" + bytes.fromhex("0507dac1c31660d1")
MAP_FIELDS = b"\x03\0\x02F\0\x0aloadFactorI\0\x09thresholdxp"


def serialised(*values: bytes, pairs: int | None = None, described: bytes = HASH_MAP) -> bytes:
    """Return the map as Java writes it; `values` are names and texts in turns."""
    count = len(values) // 2 if pairs is None else pairs
    head = java.MAGIC + b"sr" + described + MAP_FIELDS + b"\x3f\x40\0\0\0\0\0\x0c"
    return head + b"w\x08" + struct.pack(">II", 16, count) + b"".join(values) + b"x"


def text(value: str) -> bytes:
    data = value.encode()
    return b"t" + struct.pack(">H", len(data)) + data


INTEGER = (
    b"sr\0\x11java.lang.Integer\x12\xe2\xa0\xa4\xf7\x81\x87\x38\x02\0\x01I\0\x05valuex"
    b"r\0\x10java.lang.Number\x86\xac\x95\x1d\x0b\x94\xe0\x8b\x02\0\0xp\0\0\0\x07"
)


def test_a_map_of_java_is_read():
    data = serialised(text("a"), text("1"), text("é"), text(""))
    assert java.hash_map(data) == {"a": "1", "é": ""}


def test_numbers_are_passed_over_and_texts_that_are_referred_to_are_read():
    # handles: 0 HashMap's class, 1 the map, 2 "a", 3 Integer's class, 4 Number's, 5 the 7
    again = b"q" + struct.pack(">I", 0x7E0002)
    data = serialised(text("a"), INTEGER, text("b"), again, text("c"), b"p")
    assert java.hash_map(data) == {"b": "a"}


def test_java_s_own_utf_8():
    emoji = b"t\0\x06\xed\xa0\xbd\xed\xb8\x80"
    zero = b"t\0\x02\xc0\x80"
    assert java.hash_map(serialised(emoji, zero)) == {"\U0001f600": "\0"}


@pytest.mark.parametrize(
    "data",
    [
        java.MAGIC,
        java.MAGIC + b"t\0\x01a",
        serialised(described=b"\0\x11java.util.HashSet" + bytes(8)),
        serialised(described=b"\0\x11java.util.HashMap" + bytes(8)),
        serialised(text("a"), b"sr\0\x0cjava.io.File" + bytes(8) + b"\x02\0\0xp"),
        serialised(text("a"), b"q" + struct.pack(">I", 0x7E0000 + 99)),
        serialised(text("a"), b"q\0\0\0\0"),
        serialised(b"p", text("a")),
        serialised(text("a"), b"u"),
        serialised(text("a"), b"|" + b"\x7f" * 8),
        serialised(text("a"), b"t\0\x02\xff\xff"),
        serialised(text("a"), text("b")) + b"more",
        serialised(text("a"), text("b"))[:-1],
        serialised(text("a"), text("b"), pairs=2),
    ],
)
def test_what_is_no_such_map_is_refused(data):
    with pytest.raises(Unreadable):
        java.hash_map(data)
    why(data, password=lambda: "x")


# --- anything at all ----------------------------------------------------------------------

NAMES_IN_JSON = """
    version header db entries schemaVersion services items encrypted login totp tokens accounts
    content uri secret label type otpGenerator shared_secret issuerExt key Authenticators kdfParams
    encryptedData encryptionNonce salt slots otp info
""".split()  # noqa: SIM905
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(["", SECRET, URI, "TOTP"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES_IN_JSON),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(JSON_VALUES, st.sampled_from([None, *apps.NAMES]))
def test_any_json_is_read_or_refused_in_a_sentence(value, name):
    try:
        export = apps.read(dump(value), password=lambda: "x", format=name)
    except TokenctlError as error:
        assert error.sentence
    else:
        assert export.entries or export.left_out


@settings(max_examples=60)
@example(b"\r\xc2\x80", b"")  # a line that ends with CR alone
@given(st.binary(max_size=200), st.sampled_from([b"", java.MAGIC, b"PK\x03\x04", b"<map>"]))
def test_any_bytes_are_refused_in_a_sentence(data, begin):
    why(begin + data, password=lambda: "x")
