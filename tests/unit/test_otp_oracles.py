"""The core against programs that are not ours: hashlib, hmac, base64, PyOTP and oathtool."""

import base64
import hashlib
import hmac
import shutil
import subprocess
from datetime import UTC, datetime

import pyotp
import pyotp.contrib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otpcore import base32, mac, otp
from otpcore.sha512 import compress_portable, sha512

ALGORITHMS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}
algorithms = st.sampled_from(sorted(ALGORITHMS))
secrets = st.binary(min_size=1, max_size=128)
# PyOTP refuses secrets under 112 bits, codes under six digits and periods over 120 seconds.
long_secrets = st.binary(min_size=14, max_size=128)
counters = st.integers(0, 2**64 - 1) | st.sampled_from([0, 2**31 - 1, 2**31, 2**32, 2**64 - 1])
times = st.integers(0, 2**37)
digits = st.integers(4, 10)


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_sha512(pieces):
    ours, theirs = sha512(compress=compress_portable), hashlib.sha512()
    for piece in pieces:
        ours.update(piece)
        theirs.update(piece)
        assert ours.digest() == theirs.digest()


@settings(max_examples=20)
@given(st.integers(0, 600))
def test_sha512_of_zeros_and_ones(length):
    for data in (bytes(length), b"\xff" * length):
        assert sha512(data, compress_portable).digest() == hashlib.sha512(data).digest()


@given(algorithms, st.binary(max_size=300), st.binary(max_size=300))
def test_hmac(algorithm, key, message):
    theirs = hmac.new(key, message, ALGORITHMS[algorithm]).digest()
    assert mac.hmac(algorithm, key, message) == theirs


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 127, 128, 129])
def test_hmac_at_the_edges_of_the_key(algorithm, length):
    key = b"k" * length
    theirs = hmac.new(key, b"message", ALGORITHMS[algorithm]).digest()
    assert mac.hmac(algorithm, key, b"message") == theirs


def test_hmac_over_our_sha512(monkeypatch):
    """As on the board, where hashlib has no SHA-512."""
    monkeypatch.setitem(mac.HASHES, "SHA512", (sha512, 128))
    for length in (0, 1, 20, 64, 127, 128, 129, 300):
        theirs = hmac.new(b"k" * length, b"message", hashlib.sha512).digest()
        assert mac.hmac("SHA512", b"k" * length, b"message") == theirs


@given(st.binary(max_size=200))
def test_base32(data):
    theirs = base64.b32encode(data).decode()
    assert base32.encode(data, padding=True) == theirs
    assert base32.encode(data) == theirs.rstrip("=")
    assert base32.decode(theirs) == data
    assert base32.decode(theirs.rstrip("=").lower()) == data


@given(st.binary(min_size=1, max_size=40), st.data())
def test_base32_with_blanks_anywhere(data, draw):
    text = base64.b32encode(data).decode()
    for _ in range(3):
        place = draw.draw(st.integers(0, len(text)))
        text = text[:place] + draw.draw(st.sampled_from(" -\t\n\u00a0")) + text[place:]
    assert base32.decode(text) == data


@given(st.text(max_size=40))
def test_base32_takes_no_other_text(text):
    """What decodes is, without blanks, base32 to base64 as well; all else is refused."""
    try:
        data = base32.decode(text)
    except base32.Base32Error as error:
        assert error.position is None or 1 <= error.position <= len(text)
        return
    letters = "".join(text.split()).replace("-", "").rstrip("=").upper()
    assert base64.b32decode(letters + "=" * (-len(letters) % 8)) == data


@given(st.characters(), st.integers(0, 8))
def test_base32_refuses_a_single_character(character, place):
    text = "GEZDGNBV"[:place] + character + "GEZDGNBV"[place:]
    if character.isascii() and character.isalnum() and character not in "0189":
        return
    if character in " -\t\r\n\u00a0\u2009\u202f=":
        return
    with pytest.raises(base32.Base32Error) as raised:
        base32.decode(text)
    assert raised.value.position == place + 1


@given(long_secrets, counters, digits, algorithms)
def test_hotp(secret, counter, count, algorithm):
    text = base64.b32encode(secret).decode()
    theirs = pyotp.HOTP(text, digits=max(6, count), digest=ALGORITHMS[algorithm])
    assert otp.hotp(secret, counter, count, algorithm) == theirs.at(counter)[-count:]


@given(long_secrets, times, digits, st.integers(1, 120), algorithms)
def test_totp(secret, time, count, period, algorithm):
    text = base64.b32encode(secret).decode()
    hashed = ALGORITHMS[algorithm]
    theirs = pyotp.TOTP(text, digits=max(6, count), digest=hashed, interval=period)
    assert otp.totp(secret, time, count, period, algorithm) == theirs.at(time)[-count:]


@given(long_secrets, times)
def test_steam(secret, time):
    theirs = pyotp.contrib.Steam(base64.b32encode(secret).decode())
    assert otp.steam(secret, time) == theirs.at(time)


@given(st.integers(0, 2**40), st.integers(1, 2**32 - 1), st.integers(0, 2**40))
def test_a_code_lives_until_the_next_step(time, period, t0):
    time += t0
    left = otp.seconds_left(time, period, t0)
    step = otp.time_step(time, period, t0)
    assert 1 <= left <= period
    assert otp.time_step(time + left - 1, period, t0) == step
    assert otp.time_step(time + left, period, t0) == step + 1


def oathtool(*arguments, secret):
    """Run oathtool, the secret on its standard input, and return the code."""
    program = shutil.which("oathtool")
    if program is None:
        pytest.skip("oathtool is not installed (Debian package oathtool)")
    run = subprocess.run(
        [program, *arguments, "-"],
        input=secret.hex() + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return run.stdout.strip()


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=10, max_size=10), counters, st.integers(6, 8))
def test_hotp_of_80_bits(secret, counter, count):
    theirs = oathtool("--hotp", f"--digits={count}", f"--counter={counter}", secret=secret)
    assert otp.hotp(secret, counter, count) == theirs


@settings(max_examples=40, deadline=None)
@given(
    st.binary(min_size=10, max_size=10) | secrets,
    st.integers(0, 2**32),
    st.integers(6, 8),
    st.sampled_from([1, 30, 60, 3600, 2**31 - 1]),
    st.sampled_from([0, 1000000000]),
    algorithms,
)
def test_totp_of_80_bits(secret, time, count, period, t0, algorithm):
    time += t0
    theirs = oathtool(
        f"--totp={algorithm}",
        f"--digits={count}",
        f"--time-step-size={period}s",
        f"--start-time={datetime.fromtimestamp(t0, UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"--now={datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC",
        secret=secret,
    )
    assert otp.totp(secret, time, count, period, algorithm, t0) == theirs
