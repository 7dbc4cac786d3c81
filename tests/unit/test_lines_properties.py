"""Lines in any noise: a good one is found, and nothing is found that was not sent."""

from hypothesis import example, given
from hypothesis import strategies as st

from otpcore.lines import KINDS, PAYLOAD_MAX, LineReader, encode

payloads = st.binary(max_size=PAYLOAD_MAX).map(lambda data: data.replace(b"\n", b":"))
line = st.builds(
    encode, st.integers(0, 0xFFFF), st.integers(0, 0xFF), st.sampled_from(KINDS), payloads
)
# Noise that looks like lines: colons, newlines, hex digits, beginnings of real ones.
noise = st.lists(
    st.one_of(
        st.binary(max_size=300),
        st.text(":\r\n0123456789abcdefPEA", max_size=300).map(str.encode),
        st.builds(lambda whole, size: whole[:size], line, st.integers(0, 9)),
    ),
    max_size=4,
).map(b"".join)


def read(data: bytes, size: int = 0) -> list[tuple[int, int, str, bytes]]:
    """Return the lines in `data`, fed in pieces of `size` bytes (0: at once)."""
    reader, found = LineReader(), []
    for start in range(0, len(data), size or len(data) or 1):
        found += reader.feed(data[start : start + (size or len(data))])
    return [(each.message, each.part, each.kind, each.payload) for each in found]


@given(noise, line, st.integers(0, 40))
@example(b":" * 127, encode(0, 0, "P", b":" * PAYLOAD_MAX), 1)
def test_a_good_line_is_found_behind_any_noise(garbage, good, size):
    assert read(garbage + good, size) == read(good)
    assert len(read(good)) == 1


@given(st.lists(st.tuples(noise.map(lambda data: data + b"\n"), line), max_size=5))
def test_all_good_lines_are_found_in_order(pieces):
    sent = b"".join(garbage + good for garbage, good in pieces)
    assert read(sent) == [each for _, good in pieces for each in read(good)]


@given(line, st.data())
def test_a_flipped_bit_never_gives_another_line(good, data):
    bit = data.draw(st.integers(0, len(good) * 8 - 1))
    damaged = bytearray(good)
    damaged[bit // 8] ^= 1 << bit % 8
    assert read(bytes(damaged) + b"\n") in ([], read(good))


@given(line, st.data())
def test_a_lost_byte_never_gives_another_line(good, data):
    place = data.draw(st.integers(0, len(good) - 1))
    assert read(good[:place] + good[place + 1 :] + b"\n") in ([], read(good))


@given(line, st.data())
def test_a_doubled_byte_never_gives_another_line(good, data):
    place = data.draw(st.integers(0, len(good) - 1))
    assert read(good[: place + 1] + good[place:] + b"\n") in ([], read(good))


@given(line, line)
def test_two_lines_without_the_newline_between_them_give_the_second(first, second):
    assert read(first[:-1] + second) == read(second)


@given(st.binary(max_size=2000), st.integers(0, 40))
def test_noise_alone_gives_nothing(garbage, size):
    assert read(garbage, size) == []
