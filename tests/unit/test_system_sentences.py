"""The system's reasons, in the language of the reader."""

import errno
import os

import pytest

from tokenctl import language, system_sentences


@pytest.fixture
def dutch():
    language.choose("nl")


def reason_of(number: int) -> str:
    return system_sentences.reason(OSError(number, os.strerror(number)))


def test_a_known_reason_is_said_in_the_chosen_language(dutch) -> None:
    assert reason_of(errno.ENOENT) == "dat bestand of die map bestaat niet"
    assert reason_of(errno.ENOSPC) == "er is geen ruimte meer op de schijf"


def test_in_english_it_reads_on_after_a_colon() -> None:
    assert reason_of(errno.ENOENT) == "no such file or directory"
    assert all(text == text.lower() for text in map(reason_of, system_sentences._REASONS))


def test_another_reason_is_the_system_s_own_or_the_caller_s() -> None:
    assert reason_of(errno.EXDEV) == os.strerror(errno.EXDEV).lower()
    assert system_sentences.reason(OSError(), "it cannot be used") == "it cannot be used"
