"""Live progress on the user's terminal, whatever the hook runner does with our output."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import io
    from pathlib import Path

_EVERY = 5


class Progress:
    """One line on `/dev/tty`, erased when done; does nothing where there is no terminal."""

    def __init__(self, wanted: bool) -> None:
        self._terminal: io.TextIOWrapper | None = None
        self._calls = 0
        if wanted:
            with contextlib.suppress(OSError):
                self._terminal = open("/dev/tty", "w")  # noqa: SIM115 - closed in `close`

    @property
    def shown(self) -> bool:
        """Whether somebody sees it."""
        return self._terminal is not None

    def update(self, events: Path) -> None:
        """Show how many tests of the run are done, as its event file says."""
        self._calls += 1
        if self._terminal is None or self._calls % _EVERY:
            return
        try:
            lines = events.read_text(errors="replace").split("\n")
        except OSError:
            return
        total = next((len(json.loads(x)["ids"]) for x in lines if '"collected"' in x), None)
        done = sum('"phase": "teardown"' in line for line in lines)
        if total is not None:
            self._write(f"\r\x1b[Kcovgate: {done} of {total} tests")

    def close(self) -> None:
        """Erase the line."""
        if self._terminal is not None:
            self._write("\r\x1b[K")
            self._terminal.close()
            self._terminal = None

    def _write(self, text: str) -> None:
        assert self._terminal is not None
        with contextlib.suppress(OSError):
            self._terminal.write(text)
            self._terminal.flush()
