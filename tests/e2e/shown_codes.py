"""The code that a token shows, read off its panel; SECRET's is known to pyotp by BASE32."""

from tokenctl.payload import firmware_folder
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader, NoCode

SECRET = b"12345678901234567890"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
READER = CodeReader(firmware_folder())


def code_on_screen(sim: SimulatedToken) -> str | None:
    """Return the code that a press shows, None if there is none."""
    sim.wait(35)
    sim.press()
    sim.wait(0.5)
    return code_now(sim)


def code_now(sim: SimulatedToken) -> str | None:
    try:
        return READER.read(sim.board.panel.pixels())
    except NoCode:
        return None
