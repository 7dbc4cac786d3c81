"""The installed commands in real time: what only processes, ports and terminals show."""

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest
from e2e.live_token import folder, issuers, token
from e2e.processes import (
    BIN,
    Running,
    Terminal,
    asked,
    finish,
    process_list,
    run,
    running,
    start,
)

__all__ = ["folder", "token"]

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
EXAMPLE, SEVERAL = str(PICTURES / "example-totp.png"), str(PICTURES / "several.png")
SECRET = "KNSUG4SFOQVE432CN5CHSKSTMVCXGKSU"


def with_a_press(token: Running, *arguments: str) -> tuple[int, str, str]:
    process = start("tokenctl", "--port", token.port, *arguments)
    token.answer(lambda: asked(process))
    return finish(process)


# --- a token that outlives its process ----------------------------------------------


def test_a_restart_keeps_accounts_clock_and_serial_number(folder):
    link = folder / "port"
    options = ("--link", str(link))
    with running(folder, *options) as token:
        assert token.port == str(link) and link.is_symlink()
        code, out, _ = with_a_press(token, "provision", EXAMPLE, "--json")
        assert code == 0 and json.loads(out)[0]["issuer"] == "Example Bank"
        assert with_a_press(token, "sync")[0] == 0
        before = json.loads(run("tokenctl", "--port", token.port, "--json", "status")[1])
        second = run("tokensim", "run", "--state", str(folder), *options)
        assert second[:2] == (1, "")
        assert second[2] == f"Error: A token is already running in {folder}.\n"
        assert issuers(token.port) == ["Example Bank"], "the second one broke the first one's link"
        token.process.kill()  # no time to tidy up
        token.process.wait()
    with running(folder, *options) as token:
        after = json.loads(run("tokenctl", "--port", token.port, "--json", "status")[1])
        assert 0 <= after.pop("unix_time") - before.pop("unix_time") < 20
        for name in ("offset_ms", "offset_uncertainty_ms"):  # measured each time
            assert abs(after.pop(name) - before.pop(name)) < 2000
        assert after == before
    assert not link.is_symlink()


def test_a_tcp_port(folder):
    with running(folder, "--tcp", "0", anew=True) as token:
        assert re.fullmatch(r"socket://127\.0\.0\.1:\d+", token.port)
        assert issuers(token.port) == []
        number = token.port.rpartition(":")[2]
        result = run("tokensim", "run", "--state", str(folder / "b"), "--tcp", number)
        assert result == (1, "", "Error: The port cannot be created: address already in use.\n")


# --- Ctrl-C -------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_takes_the_question_off_the_token(token, number, code):
    before, dark = issuers(token.port), token.screen()
    process = start("tokenctl", "--port", token.port, "provision", "--replace", EXAMPLE)
    asked(process)
    assert token.shows_something_but(dark)
    process.send_signal(number)
    result = finish(process)
    assert result[:2] == (code, "")
    assert result[2].strip() == ("Interrupted. Nothing was changed." if code == 130 else "")
    token.press()  # says yes to nothing
    assert issuers(token.port) == before


def test_who_reads_no_further_gets_no_traceback(token):
    for options in ((), ("--json",)):
        process = start("tokenctl", "--port", token.port, "status", *options)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        process.stderr.close()
        assert process.wait() == 1


# --- at a terminal ------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_one_sentence():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [BIN / "tokenctl", "provision", "--dry-run", EXAMPLE],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Error: The output cannot be written: no space left on device."
    ]


def test_what_holds_secrets_is_for_its_owner_alone(token):
    assert (token.state / "flash.bin").stat().st_mode & 0o077 == 0


def test_by_hand_with_dots(token):
    arguments = ("--port", token.port, "provision", "--json", "--digits", "8")
    with Terminal(*arguments, terminal="xterm", anew=True) as terminal:  # in the process list, too
        for prompt, answer in (("Issuer", "Bank"), ("Account", "me"), ("Secret", SECRET + "1")):
            terminal.until(prompt)
            terminal.type(answer + "\n")
        terminal.until("character 33")
        terminal.until("Secret")
        terminal.type(SECRET)
        terminal.until("\u2022" * len(SECRET))
        assert not any(SECRET in arguments for arguments in process_list())
        terminal.type("\n")
        terminal.until("Enter adds it")
        terminal.type("\n")
        yes_at(terminal, token)
        code, out = terminal.finish()
    assert code == 0
    (added,) = json.loads(out)
    assert (added["issuer"], added["name"], added["digits"]) == ("Bank", "me", 8)
    assert SECRET[:8] not in terminal.shown


def test_standard_input_at_a_terminal_says_what_it_waits_for():
    with Terminal("provision", "--dry-run", "-") as terminal:
        terminal.until("end with Ctrl-D.")
        terminal.type(f"otpauth://totp/Bank:me?secret={SECRET}\n\x04")
        code, out = terminal.finish()
    assert code == 0 and "Bank" in out


def yes_at(terminal: Terminal, token: Running) -> None:
    token.answer(terminal.asked)


def test_the_first_accounts_at_a_terminal_bring_the_offer_of_a_pin(tmp_path):
    with (
        running(tmp_path, "--link", str(tmp_path / "port")) as token,
        Terminal("--port", token.port, "provision", EXAMPLE) as terminal,
    ):
        terminal.until("Enter adds it")
        terminal.type("\n")
        yes_at(terminal, token)
        terminal.until("Set its clock from this computer's now? [Y/n]")
        terminal.type("n\n")
        terminal.until("The site now asks for a code: run tokenctl sync")
        terminal.until("[y/N")
        terminal.type("n\n")
        terminal.until("tokenctl pin set")
        terminal.until("Delete ")
        terminal.type("\n")
        assert terminal.finish()[0] == 0
    assert Path(EXAMPLE).exists()


def test_ctrl_c_at_the_prompt_for_the_secret(token):
    before = issuers(token.port)
    arguments = ("--port", token.port, "provision", "--issuer", "Bank")
    with Terminal(*arguments, terminal="xterm") as terminal:
        terminal.until("Account")
        terminal.type("me\n")
        terminal.until("Secret")
        terminal.type(SECRET[:9] + "\x03")
        terminal.until("Interrupted.")
        assert terminal.finish() == (130, "")
    assert issuers(token.port) == before


def test_a_terminal_is_asked_which_of_several(token):
    with Terminal("--port", token.port, "provision", "--json", "--replace", SEVERAL) as terminal:
        for answer in ("4", "one", "e 9", "3, 1"):
            terminal.until("q quits: ")
            terminal.type(answer + "\n")
        yes_at(terminal, token)
        code, out = terminal.finish()
    assert code == 0
    assert [each["issuer"] for each in json.loads(out)] == ["Example Door", "Example Bank"]
    for words in (r"1 +Example Bank +alice@example.com", r"2 +Example VPN +alice +totp +SHA256",
                  r"3 +Example Door +alice +hotp +SHA1 +6 +counter 7"):  # fmt: skip
        assert re.search(words, terminal.shown), terminal.shown


def test_the_bar_comes_after_the_question(token):
    arguments = ("--port", token.port, "provision", "--all", "--replace", SEVERAL)
    with Terminal(*arguments, terminal="xterm") as terminal:
        yes_at(terminal, token)
        terminal.until("[Y/n]")
        terminal.type("n\n")
        terminal.until("Delete ")
        terminal.type("\n")
        assert terminal.finish()[0] == 0
    question, bar = (terminal.shown.index(each) for each in ("Look at the token", "Writing"))
    assert question < bar


@pytest.mark.parametrize("end", ["Ctrl-D", "Ctrl-C", "q"])
def test_nobody_says_which_of_several(token, end):
    """To end it is no fault."""
    before = issuers(token.port)
    with Terminal("--port", token.port, "provision", SEVERAL) as terminal:
        terminal.until("q quits: ")
        if end == "Ctrl-C":
            terminal.interrupt()
        else:
            terminal.type("\x04" if end == "Ctrl-D" else "q\n")
        assert terminal.finish() == (130, "")
    assert issuers(token.port) == before
    assert "Nothing was changed." in terminal.shown and "Error" not in terminal.shown
