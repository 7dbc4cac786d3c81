"""The Python API behind the commands: it never prints and never asks."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tokenctl
from otpcore.account import Account
from otpcore.errors import AccountExists, NoSuchAccount, Refused, WireError
from tokenctl.device.token import Token
from tokenctl.enrol import pipeline, provisioning
from tokenctl.errors import NoQRCode, NoSuchPort, TokenctlError
from tokensim.token import SimulatedToken

PACKAGE = Path(tokenctl.__file__).parent
PICTURES = Path(__file__).parents[1] / "data" / "pictures"
API = sorted(path for path in PACKAGE.rglob("*.py") if "cli" not in path.relative_to(PACKAGE).parts)


def test_a_program_s_day_prints_nothing(capfd):
    notices: list[str] = []
    with SimulatedToken() as simulated:

        def press(notice: str) -> None:
            notices.append(notice)
            simulated.press(3.3 if notice == "hold" else 0.1, 0.7)

        def refuse(notice: str) -> None:
            simulated.press(1.2, 0.7)

        with Token(simulated.transport(), press) as token:
            token.sync()
            found = pipeline.enrolments(str(PICTURES / "several.png"))
            added = provisioning.write(token, provisioning.plan(found, token.accounts(), False))
            assert [each.issuer for each in token.accounts()] == [each.issuer for each in added]
            token.rename(added[0].account_id, "Bank", "me")
            token.move(added[0].account_id, 2)
            assert len(token.code(added[1].account_id).code) == 8
            assert token.status().account_count == 3
            with pytest.raises(AccountExists):
                token.add(Account("Bank", "me", b"x" * 20))
            token.remove(added[2].account_id)
            with pytest.raises(NoSuchAccount):
                token.remove(added[2].account_id)
            token.wipe()
        with Token(simulated.transport(), refuse) as token, pytest.raises(Refused):
            token.add(Account("Bank", "me", b"x" * 20))
    assert notices == ["press"] * 6 + ["hold"]
    with pytest.raises(NoSuchPort):
        Token.open("/dev/there-is-none")
    with pytest.raises(NoQRCode):
        pipeline.enrolments(str(PICTURES / "no-code.png"))
    assert capfd.readouterr() == ("", "")


def test_without_on_notice_nothing_is_said(capfd):
    with SimulatedToken() as simulated, Token(simulated.transport()) as token:
        simulated.press(0.1, 1.5)
        token.add(Account("Bank", "me", b"x" * 20))
        assert len(token.accounts()) == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("path", API, ids=lambda path: path.stem)
def test_no_module_of_the_api_can_print(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            assert node.id not in ("print", "input"), f"{path.name}:{node.lineno}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or node.names[0].name
            assert module.partition(".")[0] not in (
                "click",
                "rich",
                "getpass",
                "logging",
                "tokensim",
            )


def test_the_api_is_there():
    assert {path.stem for path in API} >= {"token", "link", "transport", "provisioning", "ports"}
    assert not issubclass(WireError, TokenctlError)


def test_tokenctl_loads_neither_firmware_nor_simulator():
    program = (
        "import sys, tokenctl.cli.main, tokenctl.payload\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "sys.exit(bool(names & {'tokenfw', 'tokensim', 'machine', 'esptool'}))"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
