"""What a chip with the published test key is asked: the states of SHA-256, against hashlib."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from tokenctl.hardening import examination
from tokenctl.hardening.chip_key import TEST_KEY


@given(st.binary(max_size=300))
def test_the_compression_is_sha_256s(message):
    padded = message + b"\x80"
    padded += bytes(-(len(padded) + 8) % 64) + (8 * len(message)).to_bytes(8, "big")
    state = examination._INITIAL
    for at in range(0, len(padded), 64):
        state = examination.compressed(state, padded[at : at + 64])
    assert examination._bytes(state) == hashlib.sha256(message).digest()


def test_the_states_are_those_of_an_hmac_under_the_test_key():
    asked = examination.questions()
    inner, outer = asked.states[:32], asked.states[32:64]
    message = examination.MESSAGES[0]
    padded = asked.blocks[:64]
    assert padded.startswith(message)
    words = tuple(int.from_bytes(inner[at : at + 4], "big") for at in range(0, 32, 4))
    digest = examination._bytes(examination.compressed(words, padded))
    assert digest == asked.states[64:96]
    block = (digest + b"\x80").ljust(56, b"\0") + (8 * 96).to_bytes(8, "big")
    words = tuple(int.from_bytes(outer[at : at + 4], "big") for at in range(0, 32, 4))
    result = examination._bytes(examination.compressed(words, block))
    assert result == hmac.digest(TEST_KEY, message, "sha256") == asked.results[:32]


def test_what_is_asked_names_no_result_as_a_state():
    """A result may be read by everybody: that alone gives nothing away."""
    asked = examination.questions()
    states = [asked.states[at : at + 32] for at in range(0, len(asked.states), 32)]
    assert len(states) == len(set(states)) == 4
    assert not {asked.results[:32], asked.results[32:]} & set(states)
