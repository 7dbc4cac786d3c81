"""What is left to a process that reads a stranger's picture, and what a crash leaves behind."""

import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from unit.broken_pictures import good

from tokenctl.pictures import Reader

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux about processes")

TOKENCTL = Path(sys.executable).with_name("tokenctl")
NOBODY = 65534


def status(pid: int) -> dict[str, str]:
    text = Path(f"/proc/{pid}/status").read_text()
    return dict(re.findall(r"^(\w+):\s*(.*)$", text, re.MULTILINE))


def limits(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): " ".join(line[26:].split()[:2]) for line in lines}


def test_the_process_that_reads_pictures():
    with Reader() as reader:
        assert reader.read(good("PNG")).texts
        assert reader._process is not None
        pid = reader._process.pid
        assert status(pid)["NoNewPrivs"] == "1"
        assert limits(pid)["Max processes"] == "0 0", "soft and hard: it cannot be raised again"
        assert limits(pid)["Max core file size"] == "0 0"
        assert limits(pid)["Max file size"] == "0 0"


FORK = """
import os, sys
from tokenctl import confinement
if {limited}:
    confinement.start_nothing()
if os.geteuid() == 0:  # the kernel lets root do it all the same
    os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
try:
    pid = os.fork()
except OSError as error:
    os.write(1, b"refused")
    os._exit(0)
if not pid:
    os.write(1, b"forked")
    os._exit(0)
os.waitpid(pid, 0)
"""


@pytest.mark.parametrize("limited, end", [(False, b"forked"), (True, b"refused")])
def test_no_process_can_be_started(limited: bool, end: bytes):
    program = FORK.format(limited=limited, nobody=NOBODY)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.stdout == end, done


PRIVILEGES = """
from tokenctl import confinement
confinement.gain_no_privileges()
confinement.leave_no_core()
print(open("/proc/self/status").read())
"""


def test_no_privileges_can_be_gained():
    done = subprocess.run([sys.executable, "-c", PRIVILEGES], capture_output=True, check=True)
    assert re.search(rb"^NoNewPrivs:\s*1$", done.stdout, re.MULTILINE)


def crash(folder: Path, *command: str) -> list[str]:
    """Have a program that waits for its input crash; return the files that it leaves behind."""

    def allow_core() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, preexec_fn=allow_core,
    ) as process:  # fmt: skip
        assert process.stderr is not None and process.stdout is not None
        first = process.stderr.read(1) if "tokenctl" in command[0] else process.stdout.read(1)
        assert first, "it runs"
        process.send_signal(signal.SIGSEGV)
        process.wait(20)
    return [path.name for path in folder.iterdir()]


def test_tokenctl_leaves_no_memory_image(tmp_path: Path):
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard != resource.RLIM_INFINITY:
        pytest.skip("this system allows no core files at all")
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.mkdir()
    ours.mkdir()
    wait = "import sys; print('x', flush=True); sys.stdin.read()"
    if not crash(plain, sys.executable, "-c", wait):
        pytest.skip("this system keeps core files elsewhere")
    # A URI as an argument is warned of, and standard input is waited for.
    uri = "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert crash(ours, str(TOKENCTL), "provision", "--dry-run", uri, "-") == []


def test_nobody_may_look_into_tokenctl_s_memory():
    """Where a core goes to a program of the system's, a limit is not asked; this is."""
    program = (
        "import ctypes; from tokenctl import confinement; confinement.leave_no_core();"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"0"


def test_main_gives_it_up_before_it_does_anything(monkeypatch: pytest.MonkeyPatch):
    from tokenctl import confinement
    from tokenctl.cli import main

    done: list[str] = []
    monkeypatch.setattr(confinement, "leave_no_core", lambda: done.append("core"))
    monkeypatch.setattr(main, "run", lambda arguments: done.append("run") or 0)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit):
        main.main(["list"])
    assert done == ["core", "run"]
