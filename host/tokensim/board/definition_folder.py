"""The folder with the board's definition that the firmware gets in the place of its own."""

import json
import tempfile
from pathlib import Path

from tokensim.board.wiring import DEFINITION, Wiring


class DefinitionFolder:
    """A folder for a board with this wiring, made when it is needed."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def path(self, flashed: bytes | None) -> Path | None:
        """Return the folder with the definition `flashed`, None for the one the board was made by.

        Returns None if that is the firmware's own.
        """
        if flashed is None and self._wiring.is_standard:
            return None
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="tokensim-board-")
        place = Path(self._folder.name)
        (place / DEFINITION).write_bytes(flashed or json.dumps(self._wiring.definition).encode())
        return place

    def close(self) -> None:
        """Remove the folder."""
        if self._folder is not None:
            self._folder.cleanup()
