"""Who may import whom: design.md's table, checked against the sources."""

import ast
import functools
from collections.abc import Callable
from pathlib import Path

from support import sources

ROOT = Path(__file__).parents[2]
FIRMWARE, HOST = ROOT / "firmware", ROOT / "host"

OTPCORE = {"otpcore", "hashlib", "struct", "binascii", "json", "micropython"}
# The calendar is what the clock chips' drivers share; it drives nothing.
DRIVERS = {"micropython", "framebuf", "time", "tokenfw.drivers.calendar", "tokenfw.drivers.panel"}
RESCUE = {"asyncio", "binascii", "json", "machine", "sys", "time", "otpcore", "tokenfw.drivers"} | {
    "tokenfw.link.link",
    "tokenfw.chip",
    "tokenfw.waking",
}
BOARD = {
    "machine",
    "esp32",
    "network",
    "tokenfw.chip",
    "tokenfw.chip_keys",
    "tokenfw.waking",
    "tokenfw.drivers",
    "tokenfw.system.entropy",
    "tokenfw.system.on_demand",
    "json",
    "binascii",
    "micropython",
}
APPLICATION = {
    "otpcore",
    "tokenfw",
    "asyncio",
    "os",
    "sys",
    "select",
    "time",
    "hashlib",
    "cryptolib",
    "json",
    "gc",
    "struct",
    "binascii",
    "io",
    "array",
    "micropython",
}
# What draws into frame buffers; and what names the button's events, as all of ui/ may.
EXCEPTIONS = {
    "tokenfw/display/canvas.py": {"framebuf"},
    "tokenfw/display/large_text.py": {"framebuf"},
    "tokenfw/display/letters.py": {"framebuf"},
    "tokenfw/drivers/panel.py": {"framebuf"},
    # All panels at once, for what stands alone.
    "tokenfw/drivers/panels.py": {"tokenfw.drivers"},
    "tokenfw/system/fault_screen.py": {"tokenfw.drivers.button"},
}


@functools.cache
def imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(sources.tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def for_each(paths: list[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """Make one test of a check of many files; what fails is named."""

    def decorate(check: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            assert paths
            for path in paths:
                try:
                    check(path)
                except AssertionError as error:
                    raise AssertionError(f"{path.relative_to(ROOT)}: {error}") from error

        test.__name__ = check.__name__
        return test

    return decorate


def is_one_of(name: str, allowed: set[str]) -> bool:
    return any(name == each or name.startswith(each + ".") for each in allowed)


def rule(path: Path) -> tuple[set[str], set[str]]:
    """Return what a firmware file may import, and what it may not although that allows it."""
    name = path.relative_to(FIRMWARE).as_posix()
    if name == "main.py":
        return {"micropython", "machine", "sys", "binascii", "units", "rescue"}, set()
    if name == "give_up.py":  # behind main.py's code
        return {"esp32", "json", "machine", "time"}, set()
    if name == "units.py":  # what loads a release
        return {"binascii", "gc", "os", "struct", "sys"}, set()
    if name == "development.py":  # main.py of a development build
        return {"sys", "units"}, set()
    if name.startswith("otpcore/"):
        return OTPCORE, set()
    if name.startswith("tokenfw/drivers/"):
        return DRIVERS | EXCEPTIONS.get(name, set()), set()
    if name in (
        "tokenfw/board.py",
        "tokenfw/chip.py",
        "tokenfw/chip_keys.py",
        "tokenfw/inspection.py",
        "tokenfw/waking.py",
    ):
        return BOARD, set()
    if name == "tokenfw/system/rescue.py":  # stands alone
        return RESCUE, set()
    return APPLICATION | exceptions(name), {"tokenfw.drivers", "tokenfw.board"}


def exceptions(name: str) -> set[str]:
    """Return what a firmware file may import although its layer may not."""
    events = {"tokenfw.drivers.button"} if name.startswith("tokenfw/ui/") else set()
    return EXCEPTIONS.get(name, events)


@for_each(sorted(FIRMWARE.rglob("*.py")))
def test_firmware_keeps_to_its_layer(path):
    allowed, never = rule(path)
    special = exceptions(path.relative_to(FIRMWARE).as_posix())
    for name in imports(path):
        assert is_one_of(name, allowed), f"{path.name} imports {name}"
        assert not is_one_of(name, never) or is_one_of(name, special), name


@for_each(sorted((HOST / "tokenctl").rglob("*.py")))
def test_tokenctl_takes_the_firmware_for_a_payload(path):
    assert not any(is_one_of(name, {"tokenfw", "tokensim"}) for name in imports(path))


@for_each(sorted((HOST / "tokenctl").rglob("*.py")))
def test_a_stranger_s_picture_is_decoded_in_its_own_process_only(path):
    decoders = {"PIL", "zxingcpp", "pypdfium2"}
    names = ("decoder", "pages", "passes", "regions", "finder_patterns", "cropping", "threshold")
    inside = {f"tokenctl.pictures.{each}" for each in names}
    if path.stem in names and path.parent.name == "pictures":
        return
    allowed = {"tokenctl.pictures.decoder"} if path.stem == "worker" else set()
    for name in imports(path):
        assert not is_one_of(name, decoders), f"{path.name} imports {name}"
        assert not is_one_of(name, inside) or is_one_of(name, allowed), name


@for_each(sorted((HOST / "tokenctl").rglob("*.py")))
def test_the_camera_is_looked_through_in_one_place_only(path):
    assert ('"cv2"' in path.read_text()) == (path.stem == "camera")
    assert not any(is_one_of(name, {"cv2"}) for name in imports(path)), "it is an extra"


@for_each(sorted((HOST / "tokenctl").rglob("*.py")))
def test_the_desktop_is_looked_at_in_two_places_only(path):
    allowed = {"clipboard": "copykitten", "clipboard_worker": "copykitten", "screen": "mss"}
    for name in imports(path):
        for library in ("copykitten", "mss"):
            assert not is_one_of(name, {library}) or allowed.get(path.stem) == library, name


@for_each(sorted((HOST / "tokensim").rglob("*.py")))
def test_tokensim_never_imports_the_device_application(path):
    assert not any(is_one_of(name, {"tokenfw"}) for name in imports(path))


@for_each(sorted((HOST / "tokensim").rglob("*.py")))
def test_tokensim_has_espressifs_tools_in_one_place_only(path):
    """Elsewhere they are who finds out whether the simulated loader is right."""
    for name in imports(path):
        if is_one_of(name, {"esptool", "espefuse", "esp_pylib"}):
            assert path.stem == "efuse_controller", f"{path.name} imports {name}"


SIMULATED = {
    "tokenctl.boards",
    "tokenctl.errors.WrongBoard",
    "tokenctl.flashing.app_image",
    "tokenctl.flashing.firmware_files",
    "tokenctl.flashing.layout",
    "tokenctl.payload",
    "tokenctl.release",
}


@for_each(sorted((HOST / "tokensim").rglob("*.py")))
def test_only_who_stands_for_somebody_with_a_computer_has_all_of_tokenctl(path):
    if path.parent.name in ("play", "commands"):
        return
    for name in imports(path):
        assert not is_one_of(name, {"tokenctl"}) or is_one_of(name, SIMULATED), name


@for_each(sorted((HOST / "tokensim" / "chips").glob("*.py")))
def test_chip_models_import_nothing_of_ours_but_one_another(path):
    for name in imports(path):
        if not is_one_of(name, {"tokensim.chips"}):
            assert not is_one_of(name, {"tokenfw", "tokenctl", "tokensim", "otpcore"}), name


def test_main_begins_with_try_and_resets_in_the_end():
    statements = sources.tree(FIRMWARE / "main.py").body
    assert len(statements) == 1 and isinstance(statements[0], ast.Try)
    first = ast.unparse(statements[0].body[1])
    assert first == "micropython.kbd_intr(-1)"
    assert "machine.reset()" in ast.unparse(statements[0].finalbody[-1])


def test_main_knows_nothing_of_development():
    source = (FIRMWARE / "main.py").read_text()
    assert "development" not in source and "notice" not in source


@for_each(sorted(FIRMWARE.rglob("*.py")))
def test_no_product_code_asks_whether_it_is_simulated(path):
    assert "simul" not in path.read_text().lower().replace("a simulated port does", "")


@for_each(sorted((FIRMWARE / "otpcore").glob("*.py")))
def test_the_core_has_no_global_state(path):
    for node in ast.walk(sources.tree(path)):
        assert not isinstance(node, ast.Global), f"{path.name} has a global"


def test_every_layer_is_looked_at():
    assert len(list(FIRMWARE.rglob("*.py"))) > 20
    assert len(list((HOST / "tokensim" / "chips").glob("*.py"))) >= 2
