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


def suite(*options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
    )


def status(token: Running) -> dict[str, object]:
    return json.loads(run("tokenctl", "--port", token.port, "--json", "status")[1])


@pytest.mark.parametrize("named", [None, "0123456789AB"])
def test_a_token_that_was_not_named_is_left_alone(token, named):
    before = status(token)
    options = [] if named is None else ["--wipe-serial", named]
    process = suite(TESTS, "--port", token.port, *options)
    out, _ = process.communicate()
    assert process.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"--wipe-serial {before['serial']}" in out and "passed" not in out
    after = status(token)
    assert before.keys() == after.keys() and after["account_count"] == 1
    assert "waiting" not in token.screen()


@pytest.mark.long
def test_the_named_token_is_tested_and_the_person_is_told(token):
    serial = str(status(token)["serial"])
    only = f"{TESTS}::test_the_clock_is_right_to_the_second"
    told: list[str] = []
    with suite(only, "--port", token.port, "--wipe-serial", serial.lower()) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(">>> Please"):
                told.append(line)
                seconds = 0.1 if "shortly" in line else HOLD_SECONDS
                threading.Thread(target=token.press, args=[seconds]).start()
    assert process.returncode == 0
    assert [line.split()[2] for line in told] == ["hold", "press"]
    assert status(token)["account_count"] == 0


def refused(*options: str) -> str:
    process = suite(TESTS, *options)
    out, _ = process.communicate()
    assert process.returncode == pytest.ExitCode.USAGE_ERROR
    return out


def test_a_name_without_a_port():
    assert "--wipe-serial goes with --port" in refused("--wipe-serial", "0123456789AB")


def test_one_token_is_not_tested_by_several_processes():
    pytest.importorskip("xdist")
    assert "-n 0" in refused("--port", "/dev/none", "-n", "2")


def test_with_a_port_nothing_but_the_token_s_tests_runs():
    others = ("tests/e2e/test_link.py", "tests/unit/test_symptoms.py")
    process = suite(TESTS, *others, "--port", "/dev/none", "--collect-only")
    out, _ = process.communicate()
    collected = [line for line in out.splitlines() if line.startswith("tests/")]
    assert collected and all(line.startswith(TESTS) for line in collected)
