"""Frames of the link that no honest end sends: to the computer, to the code, to a whole token.

Whatever comes, the reading code raises nothing and takes no line that was not sent, tokenctl
ends with an answer or a sentence, and the token lives on with its vault untouched.
"""

import pytest
from attacks.frames import answer_with_frames, read_frames, send_frames

CORE, CORE_LONG = 10_000, 240_000
HOST, HOST_LONG = 5_000, 80_000
WHOLE, WHOLE_LONG = 60, 36_000


def test_frames_in_process(record_property):
    record_property("attack", ["frames, in process: the core", read_frames(CORE, 14)])
    ends = answer_with_frames(HOST, 14)
    assert min(ends.values()) > HOST // 10, f"both happen: {ends}"
    record_property("attack", ["frames, in process: tokenctl", ends])


def test_frames_to_a_whole_token(record_property):
    record_property("attack", ["frames, to a whole token", send_frames(WHOLE, 14)])


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(4))
def test_many_frames(record_property, part: int):
    core, host = read_frames(CORE_LONG // 4, 100 + part), answer_with_frames(HOST_LONG // 4, part)
    record_property("attack", ["frames, in process: the core", core])
    record_property("attack", ["frames, in process: tokenctl", host])


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(4))
def test_many_frames_to_a_whole_token(record_property, part: int):
    record_property("attack", ["frames, to a whole token", send_frames(WHOLE_LONG // 4, part)])
