"""Earlier versions of the files of a tree beside the present ones: what changed in them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from covgate.impact.difference import UnitChange, unit_changes
from covgate.impact.unseen import Telling, Unseen

if TYPE_CHECKING:
    from covgate.impact.index import Index
    from covgate.impact.target import Now
    from covgate.source.blocks.alignment import Alignment
    from covgate.source.blocks.facts import Facts


class Earlier:
    """Compares the files of the target with versions that are given by their blob."""

    def __init__(self, now: Now, index: Index) -> None:
        self.now = now
        self.index = index

    def alignment(self, path: str, blob: str) -> Alignment | None:
        """Return how an earlier version of a file and the target's lie side by side."""
        if (path, blob) not in self._alignments:
            old, new = self.now.source_of(blob), self.now.tree.snapshot.read(path)
            found = self.now.align(old, new) if old is not None and new is not None else None
            self._alignments[path, blob] = found
        return self._alignments[path, blob]

    @cached_property
    def _alignments(self) -> dict[tuple[str, str], Alignment | None]:
        return {}

    def changes(
        self, path: str, blob: str, *, annotations: bool = True
    ) -> tuple[UnitChange, ...] | None:
        """Return the statements outside of functions that differ from an earlier version.

        None when one of the two cannot be taken apart. Those that only readers of annotations
        notice are left out without `annotations`.
        """
        key = (path, blob, annotations)
        if key not in self._unit_changes:
            old, new = self._both(path, blob)
            unseen = self.unseen(path, blob)
            keys = unseen.docs if annotations else unseen.docs | unseen.annotations
            found = unit_changes(old, new, keys) if old and new else None
            if found and self.now.source_of(blob) is None:
                found = None  # as above, before git came to know it
            self._unit_changes[key] = found
        return self._unit_changes[key]

    @cached_property
    def _unit_changes(self) -> dict[tuple[str, str, bool], tuple[UnitChange, ...] | None]:
        return {}

    def _both(self, path: str, blob: str) -> tuple[Facts | None, Facts | None]:
        """Return the facts of an earlier version of a file, and of the present one, if known.

        Nobody keeps the text of what git does not know: what ran of it could not be told any more.
        """
        if path in self.index.unknown:
            return None, None
        old = self.now.old_facts(blob)
        new = self.now.facts_of(path) if path in self.index.paths else None
        readable = old is not None and new is not None and old.readable and new.readable
        return (old, new) if readable else (None, None)

    def unseen(self, path: str, blob: str) -> Unseen:
        """Return the changed statements of a file in which docstrings or annotations changed."""
        if (path, blob) not in self._unseen:
            old, new = self._both(path, blob)
            found = self._telling.unseen(path, old, new) if old and new else Unseen()
            self._unseen[path, blob] = found
        return self._unseen[path, blob]

    @cached_property
    def _unseen(self) -> dict[tuple[str, str], Unseen]:
        return {}

    @cached_property
    def _telling(self) -> Telling:
        return Telling(self.index)
