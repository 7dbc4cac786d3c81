"""What is said about a port that cannot be used: what fits the system, and is exact."""

import errno
import os
import platform
import re
import sys
from types import SimpleNamespace

import pytest
import serial

from tokenctl.device import port_advice, ports, transport, usb_chips
from tokenctl.errors import PortBusy

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="groups and /proc are Linux's")


@pytest.fixture
def proc(tmp_path):
    """A /proc; call it to add a process and what it has open (None: that is not shown)."""

    def add(number, name, opened=()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "comm").write_text(name + "\n")
        if opened is None:
            return
        (folder / "fd").mkdir()
        for count, path in enumerate(opened):
            (folder / "fd" / str(count)).symlink_to(path)

    add.folder = tmp_path  # pyrefly: ignore[missing-attribute]
    (tmp_path / "meminfo").write_text("")
    return add


# --- in use -------------------------------------------------------------------------


def test_who_has_it_is_said(proc):
    proc(7, "bash", ["/dev/null"])
    proc(612, "minicom", ["/dev/null", "/dev/ttyUSB0"])
    said = port_advice.in_use("/dev/ttyUSB0", proc.folder)
    assert said == "the port /dev/ttyUSB0 is in use by minicom (process 612)"


def test_a_simulated_token_is_not_who_has_its_own_port(proc):
    proc(7, "tokensim", ["/dev/pts/3"])
    proc(612, "tokenctl", ["/dev/pts/3"])
    said = port_advice.in_use("/dev/pts/3", proc.folder)
    assert said == "the port /dev/pts/3 is in use by tokenctl (process 612)"


def test_modem_manager_is_kept_away(proc):
    proc(612, "ModemManager", ["/dev/ttyUSB0"])
    said = port_advice.in_use("/dev/ttyUSB0", proc.folder)
    assert "in use by ModemManager (process 612)" in said
    assert usb_chips.INSTALL in said


def test_modem_manager_is_root_s_and_shows_nothing(proc):
    proc(1, "systemd", None)
    proc(612, "ModemManager", None)
    said = port_advice.in_use("/dev/ttyUSB0", proc.folder)
    assert "in use by another program, perhaps ModemManager (process 612)" in said
    assert usb_chips.INSTALL in said


def test_nothing_is_known(proc, tmp_path):
    proc(1, "systemd", None)
    proc(os.getpid(), "tokenctl", ["/dev/ttyUSB0"])
    expected = "the port /dev/ttyUSB0 is in use by another program"
    assert port_advice.in_use("/dev/ttyUSB0", proc.folder) == expected
    assert port_advice.in_use("/dev/ttyUSB0", tmp_path / "no such folder") == expected


def test_a_port_by_another_name(proc, tmp_path):
    device, link = tmp_path / "ttyUSB0", tmp_path / "by-id"
    device.touch()
    link.symlink_to(device)
    proc(9, "screen", [str(device)])
    assert "screen (process 9)" in port_advice.in_use(str(link), proc.folder)


@linux_only
def test_a_real_process_that_has_the_port():
    import subprocess

    master, slave = os.openpty()
    name = os.ttyname(slave)
    program = "import sys; sys.stdin.readline()"
    with subprocess.Popen(
        [sys.executable, "-c", program, name], stdin=subprocess.PIPE, stdout=slave
    ) as process:
        said = port_advice.in_use(name)
        assert process.stdin is not None
        process.stdin.close()
    os.close(master)
    os.close(slave)
    assert f"(process {process.pid})" in said


# --- not allowed --------------------------------------------------------------------


@pytest.fixture
def system(monkeypatch):
    """A Linux with a device and groups; change what it says."""
    monkeypatch.setattr(sys, "platform", "linux")
    here = SimpleNamespace(mode=0o20660, group=20, members=[])
    monkeypatch.setattr(
        port_advice.os, "stat", lambda path: SimpleNamespace(st_mode=here.mode, st_gid=here.group)
    )
    groups = {0: "root", 20: "dialout", 986: "uucp"}

    def by_number(number):
        return SimpleNamespace(gr_name=groups[number])

    def by_name(name):
        return SimpleNamespace(gr_mem=here.members)

    grp = SimpleNamespace(getgrgid=by_number, getgrnam=by_name)
    pwd = SimpleNamespace(getpwuid=lambda number: SimpleNamespace(pw_name="alice"))
    monkeypatch.setitem(sys.modules, "grp", grp)
    monkeypatch.setitem(sys.modules, "pwd", pwd)
    return here


@pytest.mark.parametrize("number, name", [(20, "dialout"), (986, "uucp")])
def test_the_group_that_owns_the_device(system, number, name):
    system.group = number
    said = port_advice.not_allowed("/dev/ttyUSB0")
    assert f"`sudo usermod -aG {name} alice` and log in again" in said
    assert f"`{usb_chips.INSTALL}`" in said


def test_who_joined_has_to_log_in_again(system):
    system.members = ["bob", "alice"]
    said = port_advice.not_allowed("/dev/ttyUSB0")
    assert "usermod" not in said and "log in again" in said and "dialout" in said


@pytest.mark.parametrize(
    "group, mode", [(0, 0o20660), (20, 0o20600), (20, 0o20640), (4711, 0o20660)]
)
def test_a_group_that_helps_nobody_is_not_named(system, group, mode):
    system.group, system.mode = group, mode
    said = port_advice.not_allowed("/dev/ttyUSB0")
    assert "usermod" not in said and usb_chips.INSTALL in said


@pytest.mark.parametrize("name", ["darwin", "win32"])
def test_elsewhere_there_are_no_such_groups(monkeypatch, name):
    monkeypatch.setattr(sys, "platform", name)
    said = port_advice.not_allowed("/dev/cu.usbserial")
    assert said == "you do not have permission to open /dev/cu.usbserial"


# --- what the port says -------------------------------------------------------------


@pytest.mark.parametrize(
    "error, words",
    [
        (
            serial.SerialException(errno.EACCES, "could not open port"),
            "do not have permission to open",
        ),
        (serial.SerialException(errno.EBUSY, "could not open port"), "in use"),
        (serial.SerialException("Could not exclusively lock port /dev/x"), "in use"),
        # As pyserial has it on Windows.
        (
            serial.SerialException(
                "could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)"
            ),
            "in use by another program",
        ),
    ],
)
def test_the_port_s_fault_becomes_advice(error, words):
    found = transport.explain_port("/dev/ttyUSB0", error)
    assert isinstance(found, PortBusy)
    assert words in str(found)
    assert found.exit_code == 4


# --- no port, no loader -------------------------------------------------------------


@pytest.mark.parametrize(
    "name, release, words",
    [
        ("linux", "6.1.0-18-amd64", ["plugged in", "data lines", "only charge"]),
        ("linux", "5.15.146.1-microsoft-standard-WSL2", ["usbipd list", "usbipd attach --wsl"]),
        ("win32", "10", ["CP210x from Silicon Labs", "CH34x from WCH"]),
        ("darwin", "23.0.0", ["CP210x from Silicon Labs", "CH34x from WCH"]),
    ],
)
def test_no_port(monkeypatch, proc, name, release, words):
    monkeypatch.setattr(sys, "platform", name)
    monkeypatch.setattr(platform, "release", lambda: release)
    said = port_advice.no_board(proc.folder)
    assert all(word in said for word in words), said
    assert len(re.findall(r"[.?!] [A-Z]", said)) <= 1, "one sentence or two"


def test_no_port_where_brltty_takes_them(monkeypatch, proc):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "release", lambda: "6.5.0")
    proc(33, "brltty", None)
    assert "brltty" in port_advice.no_board(proc.folder)


@pytest.mark.parametrize(
    "vendor, words, others",
    [(0x303A, "hold its BOOT button while you plug it in", "EN"), (0x10C4, "press EN", "unplug")],
)
def test_no_loader(monkeypatch, vendor, words, others):
    seen = [
        SimpleNamespace(device="/dev/ttyACM0", vid=vendor),
        SimpleNamespace(device="/dev/ttyACM1", vid=0x303A if vendor != 0x303A else 0x10C4),
    ]
    monkeypatch.setattr("tokenctl.device.port_advice.list_ports.comports", lambda: seen)
    said = port_advice.no_loader("/dev/ttyACM0")
    assert words in said and others not in said and "charge-only" in said


@pytest.mark.parametrize(
    "named, listed", [("/dev/tty.usbmodem101", "/dev/cu.usbmodem101"), ("com7", "COM7")]
)
def test_a_port_by_another_name_than_the_system_lists_is_the_same(monkeypatch, named, listed):
    seen = [SimpleNamespace(device=listed, vid=0x303A)]
    monkeypatch.setattr("tokenctl.device.port_advice.list_ports.comports", lambda: seen)
    assert "while you plug it in" in port_advice.no_loader(named)


# --- the udev rule ------------------------------------------------------------------

# A rule of udev(7): keys with operators and quoted values, parted by commas.
_KEY = r"(?:[A-Z]+|(?:ATTRS?|ENV)\{[A-Za-z_]+\})"
_PART = rf'{_KEY}(?:==|!=|\+=|:=|=)"[^"\\]*"'
_RULE = re.compile(rf"{_PART}(?:, {_PART})*")


def rules():
    return [line for line in usb_chips.udev_rule().splitlines() if line and line[0] != "#"]


def test_its_grammar():
    assert len(rules()) == 2 * len(usb_chips.USB_CHIPS)
    for line in rules():
        assert _RULE.fullmatch(line), line


def fits(rule, subsystem, vendor, product):
    """Tell whether a rule is for this device, as udev compares: hex digits in small letters."""
    for name, value in re.findall(r'([A-Z]+(?:\{\w+\})?)=="([^"]*)"', rule):
        have = {
            "SUBSYSTEM": subsystem,
            "ENV{DEVTYPE}": "usb_device",
            "ATTR{idVendor}": f"{vendor:04x}",
            "ATTRS{idVendor}": f"{vendor:04x}",
            "ATTR{idProduct}": f"{product:04x}",
            "ATTRS{idProduct}": f"{product:04x}",
        }[name]
        if have not in value.split("|"):
            return False
    return True


# Boards as lsusb shows them.
BOARDS = {
    "CP2102": (0x10C4, 0xEA60),
    "CH340": (0x1A86, 0x7523),
    "CH9102": (0x1A86, 0x55D4),
    "FT232R": (0x0403, 0x6001),
    "ESP32-S3 USB JTAG/serial": (0x303A, 0x1001),
    "ESP32-S2 in its loader": (0x303A, 0x0002),
    "MicroPython on an S2": (0x303A, 0x4001),
}


@pytest.mark.parametrize("vendor, product", BOARDS.values(), ids=BOARDS)
def test_a_board_may_be_used_and_modem_manager_leaves_it_alone(vendor, product):
    (tty,) = [rule for rule in rules() if fits(rule, "tty", vendor, product)]
    assert 'TAG+="uaccess"' in tty and 'ENV{ID_MM_DEVICE_IGNORE}="1"' in tty
    (usb,) = [rule for rule in rules() if fits(rule, "usb", vendor, product)]
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in usb
    assert vendor in usb_chips.USB_VENDORS


@pytest.mark.parametrize(
    "vendor, product",
    [(0x10C4, 0x8ACF), (0x0403, 0xF3C0), (0x1A86, 0xE092), (0x12D1, 0x1506)],
    ids=["a U2F key", "another FTDI device", "a mouse of WCH", "a modem"],
)
def test_other_devices_are_left_as_they_are(vendor, product):
    for subsystem in ("tty", "usb"):
        assert not [rule for rule in rules() if fits(rule, subsystem, vendor, product)]


def test_the_search_speaks_to_the_chips_of_the_rule():
    assert tuple(chips.vendor for chips in usb_chips.USB_CHIPS) == ports.USB_VENDORS


@pytest.mark.parametrize(
    ("port", "has"),
    [
        ("/dev/ttyUSB0", True),
        ("COM3", True),
        ("rfc2217://host:1", True),
        ("RFC2217://host:1", True),  # pyserial takes it, too
        ("socket://host:1", False),
        ("loop://", False),
    ],
)
def test_which_ports_can_reset_a_board(port, has):
    assert transport.has_reset_line(port) is has
