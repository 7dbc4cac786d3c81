"""tokenctl doctor where no token answers: what it says of the computer."""

import json
from pathlib import Path
from typing import Any

import pytest

from tokenctl import language
from tokenctl.cli import main
from tokenctl.cli.checks import computer
from tokenctl.clock.computer import ComputerClock
from tokenctl.device import port_advice
from tokenctl.device.ports import Port
from tokenctl.errors import NoToken

CH340 = Port("/dev/ttyUSB0", "USB Serial", 0x1A86)
OTHER = Port("/dev/ttyS0", "n/a", None)


@pytest.fixture
def look(monkeypatch, tmp_path):
    """Return the findings by their names, on a computer that has what is said."""

    def look(
        ports: tuple[Port, ...] = (),
        may: bool = True,
        modem_manager: int | None = None,
        rule: bool = False,
        synchronised: bool | None = True,
        usb: dict[str, tuple[str, str, bool]] | None = None,
    ) -> dict[str, Any]:
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.setattr("tokenctl.device.ports.serial_ports", lambda: list(ports))
        monkeypatch.setattr("os.access", lambda path, mode: may)
        monkeypatch.setattr(port_advice, "modem_manager", lambda: modem_manager)
        path = tmp_path / "70-otptoken.rules"
        if rule:
            path.touch()
        monkeypatch.setattr(computer, "RULE_FILE", str(path))
        monkeypatch.setattr(computer, "_USB", plugged(tmp_path / "usb", usb or {}))
        clock = ComputerClock(synchronised, 0.01)
        monkeypatch.setattr("tokenctl.clock.computer.read", lambda: clock)
        error = NoToken("no token was found; the serial ports are …")
        return {each.check: each for each in computer.examined(error, None)}

    return look


def plugged(folder: Path, usb: dict[str, tuple[str, str, bool]]) -> Path:
    """Make what Linux shows of USB devices: vendor and product, and whether there is a port."""
    folder.mkdir()
    for name, (vendor, product, port) in usb.items():
        interface = folder / name / f"{name}:1.0"
        interface.mkdir(parents=True)
        (folder / name / "idVendor").write_text(vendor + "\n")
        (folder / name / "idProduct").write_text(product + "\n")
        if port:
            (interface / "ttyUSB0").mkdir()
    return folder


def test_a_computer_without_a_port(look):
    found = look(ports=(OTHER,))
    assert found["token"].state == found["ports"].state == "fail"
    assert found["token"].text == "no token was found"
    assert "/dev/ttyS0" in found["ports"].text and "cable" in found["ports"].advice
    assert found["permissions"].state == "skipped"
    assert look_states(found, "modem_manager", "usb_driver", "computer_clock") == ["ok"] * 3


def test_all_of_it_is_said_in_the_language_of_the_rest(look):
    english = look(ports=(OTHER,), modem_manager=7, synchronised=False)
    language.choose("nl")
    dutch = {each.check: each for each in computer.examined(NoToken("geen token"), None)}
    for name, each in english.items():
        said = {*each.text.split(". "), *each.advice.split(". ")} - {""}
        assert not said & {*dutch[name].text.split(". "), *dutch[name].advice.split(". ")}


def test_a_port_that_this_user_may_not_open(look, monkeypatch):
    monkeypatch.setattr(port_advice, "_group", lambda port: "dialout")
    monkeypatch.setattr(port_advice, "_is_member", lambda user, group: False)
    found = look(ports=(CH340,), may=False)
    assert found["ports"].state == "ok" and "/dev/ttyUSB0" in found["ports"].text
    assert found["permissions"].state == "fail"
    assert "usermod -aG dialout" in found["permissions"].advice


@pytest.mark.parametrize(("rule", "state"), [(False, "warn"), (True, "ok")])
def test_modem_manager(look, rule, state):
    found = look(modem_manager=123, rule=rule)["modem_manager"]
    assert found.state == state and ("udev-rule" in found.advice) == (not rule)


@pytest.mark.parametrize(
    ("usb", "state"),
    [
        ({"1-1": ("1a86", "7523", False)}, "fail"),
        ({"1-1": ("1a86", "7523", True)}, "ok"),
        ({"1-1": ("1a86", "ffff", False), "1-2": ("046d", "c31c", False)}, "ok"),
    ],
)
def test_a_usb_chip_without_a_port_lacks_its_driver(look, usb, state):
    found = look(usb=usb)["usb_driver"]
    assert found.state == state and ("CH34x" in found.text) == (state == "fail")


@pytest.mark.parametrize(("synchronised", "state"), [(True, "ok"), (False, "warn"), (None, "warn")])
def test_the_computer_s_clock(look, synchronised, state):
    assert look(synchronised=synchronised)["computer_clock"].state == state


def test_the_command_ends_with_19_and_names_the_port(monkeypatch, capfd, tmp_path):
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    missing = str(tmp_path / "missing")
    assert main.run(["--json", "--port", missing, "doctor"]) == 19
    report = json.loads(capfd.readouterr().out)
    assert (report["about"], report["wrong"]) == ("computer", True)
    assert missing in report["checks"][0]["text"]


def look_states(found: dict[str, Any], *names: str) -> list[str]:
    return [found[name].state for name in names]
