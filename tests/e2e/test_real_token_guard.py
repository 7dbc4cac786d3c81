"""The guard of tests/conftest.py: a token that was not named is never touched."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.processes import HOLD_SECONDS, Running, asked, finish, run, running, start
from support.pytest_runs import Done, runs

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "tests" / "data" / "pictures" / "example-totp.png")
TESTS = "tests/e2e/test_real_token.py"


@pytest.fixture(scope="module")
def token() -> Iterator[Running]:
    """A token in real time that holds an account, as somebody's own would."""
    path = Path(tempfile.mkdtemp(prefix="sim-"))
    with running(path, "--link", f"{path}/port") as token:
        process = start("tokenctl", "--port", token.port, "provision", EXAMPLE)
        token.answer(lambda: asked(process))
        assert finish(process)[0] == 0
        yield token
    shutil.rmtree(path)


def status(token: Running) -> dict[str, object]:
    return json.loads(run("tokenctl", "--port", token.port, "--json", "status")[1])


@pytest.fixture(scope="module")
def refusals(token: Running) -> dict[str, Done]:
    """What pytest says to options that do not fit that token."""
    other = "0123456789AB"
    port, with_port = ["--port", token.port], ["--port", "/dev/none"]
    others = ("tests/e2e/test_link.py", "tests/unit/test_symptoms.py")
    options = {
        "not named": port,
        "another one": [*port, "--wipe-serial", other],
        "no port": ["--wipe-serial", other],
        "two": [*with_port, "-n", "2"],
        "all": [*others, *with_port, "--collect-only"],
    }
    every = ([TESTS, "-p", "no:cacheprovider", *each] for each in options.values())
    return dict(zip(options, runs(ROOT, *every), strict=True))


def test_a_token_that_was_not_named_is_left_alone(token, request):
    before = status(token)
    refusals = request.getfixturevalue("refusals")
    for name in ("not named", "another one"):
        out, code = refusals[name]
        assert code == pytest.ExitCode.USAGE_ERROR
        assert f"--wipe-serial {before['serial']}" in out and "passed" not in out
    after = status(token)
    assert before.keys() == after.keys() and after["account_count"] == 1
    assert "waiting" not in token.screen()


@pytest.mark.long
def test_the_named_token_is_tested_and_the_person_is_told(token):
    serial = str(status(token)["serial"])
    only = f"{TESTS}::test_the_clock_is_right_to_the_second"
    told: list[str] = []
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", only]
    with subprocess.Popen(
        [*command, "--port", token.port, "--wipe-serial", serial.lower()],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(">>> Please"):
                told.append(line)
                seconds = 0.1 if "shortly" in line else HOLD_SECONDS
                threading.Thread(target=token.press, args=[seconds]).start()
    assert process.returncode == 0
    assert [line.split()[2] for line in told] == ["hold", "press"]
    assert status(token)["account_count"] == 0


def test_a_name_without_a_port(refusals):
    out, code = refusals["no port"]
    assert code == pytest.ExitCode.USAGE_ERROR and "--wipe-serial goes with --port" in out


def test_one_token_is_not_tested_by_several_processes(refusals):
    pytest.importorskip("xdist")
    out, code = refusals["two"]
    assert code == pytest.ExitCode.USAGE_ERROR and "-n 0" in out


def test_with_a_port_nothing_but_the_token_s_tests_runs(refusals):
    collected = [line for line in refusals["all"].said.splitlines() if line.startswith("tests/")]
    assert collected and all(line.startswith(TESTS) for line in collected)
