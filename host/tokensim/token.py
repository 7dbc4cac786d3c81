"""SimulatedToken: a token without hardware, for programs and tests."""

import random
from pathlib import Path

from tokensim.board.processor import POWER_ON
from tokensim.board.timebase import SimulatedTime
from tokensim.running import fault_injection
from tokensim.running.running_board import START, RunningBoard
from tokensim.view import picture

__all__ = ["START", "SimulatedToken"]

_S = 1_000_000_000  # nanoseconds
_BOUNCE = [
    400_000,
    900_000,
    2_100_000,
    2_500_000,
]  # ns after an edge, as a worn tactile switch does


class SimulatedToken(RunningBoard):
    """A token on a board that runs, and what somebody does with it; used as a RunningBoard is."""

    # the button and the screen

    def press(self, seconds: float = 0.1, after: float = 0.0, second: bool = False) -> None:
        """Press the button for `seconds`, starting `after` seconds from now, without waiting.

        With `second` it is the second button.
        """
        wire = self.board.second_button if second else self.board.button

        def schedule() -> None:
            now = self.time.now() + int(after * _S)
            wire.schedule(now, int(seconds * _S), _BOUNCE)

        self._do(schedule)

    def hold(self, seconds: float = 1.2, after: float = 0.0, second: bool = False) -> None:
        """Hold the button: by default for a long press; 3.2 s make a hold."""
        self.press(seconds, after, second)

    def screen(self) -> str:
        """Return the OLED's picture in half blocks; see tokensim.view.picture.as_text()."""
        return picture.as_text(self._do(self.board.panel.pixels))

    def look(self) -> tuple[list[bytes], float]:
        """Return the OLED's pixels (rows of 0 and 1), and its brightness: see view.photograph."""
        from tokensim.view import photograph  # Pillow takes long to load

        panel = self.board.panel
        return self._do(lambda: (panel.pixels(), photograph.brightness(panel)))

    def save_screen(self, path: Path, scale: int = picture.USUAL) -> None:
        """Write the OLED's picture as a PNG (view.photograph). At a scale of 1 black and white."""
        from tokensim.view import photograph

        pixels, brightness = self.look()
        photograph.save(pixels, path, scale, brightness)

    # the clock chip

    def shift_clock(self, seconds: float) -> None:
        """Move the RTC's time, as if it had been set wrong; raise NoClockChip."""
        chip = self.board.rtc
        self._do(lambda: chip.shift(int(seconds * _S)))
        self._do(self.board.save)

    def drift_clock(self, ppm: float) -> None:
        """Make the RTC's crystal fast by so many ppm; negative: slow."""
        chip = self.board.rtc

        def drift() -> None:
            chip.ppm = ppm

        self._do(drift)
        self._do(self.board.save)

    def inject_fault(self, fault: str) -> None:
        """Make a part fail: one of fault_injection.FAULTS; raise NoSuchPart of that module."""

        def order() -> fault_injection.NoSuchPart | None:
            try:
                fault_injection.inject(self.chip, fault)
            except fault_injection.NoSuchPart as error:  # raised, it would end the board's thread
                return error
            return None

        if (error := self._do(order)) is not None:
            raise error

    # the supply

    def power_off(self, battery: bool = True) -> None:
        """Unplug the token; with `battery` False the RTC loses its cell, too."""
        self._do(self.chip.power_off)
        if not battery:
            self._do(self.board.lose_battery)

    def supply(self, usb: bool | None = None, battery_mv: int | None = None) -> None:
        """Set whether USB power is present, and the battery's voltage; None leaves either alone."""

        def change() -> None:
            self.board.usb = self.board.usb if usb is None else usb
            self.board.battery_mv = self.board.battery_mv if battery_mv is None else battery_mv

        self._do(change)

    def stay_unplugged(self, seconds: float) -> None:
        """Unplug the token for so much simulated time."""
        if not isinstance(self.time, SimulatedTime):
            raise ValueError("real time does not jump")
        self.power_off()
        self.time.move_to(self.time.now() + int(seconds * _S))
        self.power_on()
        self.wait_until_ready()

    def cut_power(self, operations: int = 1, torn: bool = False) -> None:
        """Cut the power at the n-th program or erase of flash from now; see Flash.cut_after()."""
        seed = random.randrange(1 << 30)  # noqa: S311
        self._do(lambda: self.board.flash.cut_after(operations, torn, seed))

    def reset(self) -> None:
        """Reset the chip, as opening the port does on many boards."""
        self._do(lambda: self.chip.reset(POWER_ON))

    def crash(self) -> None:
        """Make the chip crash."""
        self._do(self.chip.crash)
