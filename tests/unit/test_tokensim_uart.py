"""The simulated board's serial port: when bytes arrive, and which are lost."""

from tokensim.board.uart import BURST, BYTE_NS, RING, SILENCE, Uart


def uart(unread: int = 0) -> Uart:
    return Uart(lambda: unread)


def test_the_board_gets_bytes_in_bursts_and_the_last_after_a_pause():
    port = uart()
    port.from_computer(bytes(range(BURST + 3)), 0)
    assert port.next_incoming() == BURST * BYTE_NS
    assert port.arrived(BURST * BYTE_NS - 1) == b""
    assert port.arrived(BURST * BYTE_NS) == bytes(range(BURST))
    after = (BURST + 3 + SILENCE) * BYTE_NS
    assert port.next_incoming() == after
    assert port.arrived(after - 1) == b""
    port.from_computer(b"!", after - 1)  # no silence yet
    assert port.arrived(after) == b""
    assert (
        port.arrived(after - 1 + (1 + SILENCE) * BYTE_NS) == bytes(range(BURST, BURST + 3)) + b"!"
    )
    assert port.next_incoming() is None


def test_what_does_not_fit_the_input_buffer_is_lost():
    port = uart(unread=RING - 5)
    port.from_computer(b"0123456789", 0)
    assert port.arrived((10 + SILENCE) * BYTE_NS) == b"01234"
    assert (port.received, port.dropped) == (10, 5)


def test_the_computer_gets_each_byte_after_its_time_on_the_wire():
    port = uart()
    port.from_board(b"abc", 7)
    assert port.next_outgoing() == 7 + 3 * BYTE_NS
    assert port.to_computer(7 + 2 * BYTE_NS) == b"ab"
    assert port.to_computer(7 + 3 * BYTE_NS) == b"c"
