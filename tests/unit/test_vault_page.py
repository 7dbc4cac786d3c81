"""docs/vault-format.md is enough to read a vault: a reader that takes its offsets from the page.

A simulated token writes the vault: accounts of every type, a rename, a removal, an order, a
setting, and a PIN that is set at its button.
"""

import pytest
from e2e.typist import Typist
from support import vault_page

from otpcore.account import STATIC, TYPES, Account
from tokenctl.device.token import Token
from tokenctl.payload import board_definition
from tokensim.board.board import Parts
from tokensim.board.wiring import read
from tokensim.token import SimulatedToken

pytestmark = pytest.mark.slow

PIN = "102010"
CHIP_KEY = bytes(range(100, 132))
SECRET = bytes(range(20))
ACCOUNTS = [
    Account("Bank", "alice", SECRET, algorithm="SHA256", digits=8, period=60, t0=1000),
    Account("Door", "zoë", bytes(range(1, 33)), "hotp", counter=1 << 40),
    Account("Steam", "gabe", b"\xff" * 128, "steam", digits=5),
    Account("Mail", "", b"correct horse", STATIC),
    Account("", "removed", b"removed secret!!"),
    Account("Old name", "bob", b"another secret!!", algorithm="SHA512"),
]


def use(sim: SimulatedToken, token: Token) -> None:
    """Write records of every kind, some of which replace others."""
    token.sync()
    batch = token.batch(len(ACCOUNTS))
    ids = [token.add(each, batch_id=batch) for each in ACCOUNTS]
    token.remove(ids[4])
    token.rename(ids[5], "New name", "bob")
    token.move(ids[5], 1)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Return the flash without a PIN, and then with one."""
    state = tmp_path_factory.mktemp("state")
    images = []
    with SimulatedToken(state) as sim:
        with Token(sim.transport(), lambda notice: sim.press(0.1, after=1.2)) as token:
            use(sim, token)
        sim.wait(1)
        images.append((state / "flash.bin").read_bytes())

        def enter(notice: str) -> None:
            Typist(sim).enter(PIN).enter(PIN)

        with Token(sim.transport(), enter) as token:
            token.change_pin()
        sim.wait(1)
        images.append((state / "flash.bin").read_bytes())
    return images


def as_read(account: Account) -> dict[str, object]:
    """Return an Account as the page's reader has it."""
    return {
        "version": 1,
        "type": TYPES.index(account.type),
        "algorithm": ("SHA1", "SHA256", "SHA512").index(account.algorithm),
        "digits": account.digits,
        "period": account.period,
        "t0": account.t0,
        "counter": account.counter,
        "issuer": account.issuer,
        "name": account.name,
        "secret": account.secret,
    }


@pytest.mark.parametrize("pin", ["", PIN], ids=["no PIN", "PIN"])
def test_the_page_is_enough_to_read_a_vault(images, pin):
    contents = vault_page.read(images[bool(pin)], pin)
    renamed = Account("New name", "bob", b"another secret!!", algorithm="SHA512")
    first, *others = ACCOUNTS[:4]
    expected = [first, renamed, *others]
    assert contents.accounts == [as_read(each) for each in expected]
    assert contents.settings["clock_confirmed"] > 0


@pytest.mark.parametrize("pin", ["", PIN], ids=["no PIN", "PIN"])
def test_the_page_is_enough_to_read_a_vault_that_is_bound_to_its_chip(tmp_path, pin):
    with SimulatedToken(tmp_path, parts=Parts(definition=read(board_definition("esp32c3")))) as sim:
        sim.board.efuses.burn(3, CHIP_KEY)

        def answer(notice: str) -> None:
            if notice == "pin":
                Typist(sim).enter(PIN).enter(PIN)
            else:
                sim.press(3.3 if notice == "hold" else 0.1, after=1.2)

        with Token(sim.transport(), answer) as token:
            token.chip.bind(3, None)
            token.add(ACCOUNTS[0])
            if pin:
                token.change_pin()
        sim.wait(1)
        image = (tmp_path / "flash.bin").read_bytes()
    assert vault_page.read(image, pin, CHIP_KEY).accounts == [as_read(ACCOUNTS[0])]
    if pin:
        with pytest.raises(vault_page.WrongPin):
            vault_page.read(image, "102011", CHIP_KEY)


def test_what_was_removed_and_what_a_pin_protects_is_not_in_the_flash(images):
    assert not any(b"removed secret!!" in image for image in images)
    assert not any(SECRET in image for image in images)
    with pytest.raises(vault_page.WrongPin):
        vault_page.read(images[1], "102011")
    with pytest.raises(vault_page.WrongPin):
        vault_page.read(images[1], "")


def test_a_changed_bit_is_noticed(images):
    image = bytearray(images[0])
    (*_, last) = (each for each in vault_page.records(images[0]) if each.kind == vault_page.ACCOUNT)
    at = images[0].index(last.body)
    image[at + 20] ^= 1
    with pytest.raises(ValueError, match="tag"):
        vault_page.read(bytes(image))


@pytest.mark.parametrize("heading", sorted(vault_page.layouts()))
def test_the_fields_of_a_table_follow_one_another(heading):
    end = 0
    for at, size, name in vault_page.layouts()[heading]:
        gap = {"anchor": 24, "anchor copy": 24, "slot copy": 16}.get(name, 0)
        assert at == end + gap, name
        end = at + (size or 0)
