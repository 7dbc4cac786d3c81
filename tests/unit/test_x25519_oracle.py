"""Our X25519 against that of the cryptography package (OpenSSL's), for random and odd values."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from otpcore import x25519

P = (1 << 255) - 19
EIGHT = (  # u of the points of order 8, from the curve's equation
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
BYTES = st.binary(min_size=32, max_size=32)
NEAR = st.integers(0, 1 << 10).map(lambda n: (P - 512 + n).to_bytes(32, "little"))


def ours(scalar: bytes, point: bytes) -> bytes:
    product = list(x25519.multiply(scalar, point))[-1]
    assert product is not None
    return product


def theirs(scalar: bytes, point: bytes) -> bytes:
    key = X25519PrivateKey.from_private_bytes(scalar)
    try:
        return key.exchange(X25519PublicKey.from_public_bytes(point))
    except ValueError:  # it refuses zeros
        return bytes(32)


@given(BYTES, BYTES | NEAR)
def test_products_are_the_same(scalar: bytes, point: bytes) -> None:
    assert ours(scalar, point) == theirs(scalar, point)


@given(BYTES)
def test_public_keys_are_the_same(scalar: bytes) -> None:
    key = X25519PrivateKey.from_private_bytes(scalar).public_key()
    assert ours(scalar, x25519.BASE) == key.public_bytes_raw()


def test_points_of_order_eight_give_zeros() -> None:
    for point in EIGHT:
        data = point.to_bytes(32, "little")
        assert ours(b"\x55" * 32, data) == bytes(32) == theirs(b"\x55" * 32, data)
