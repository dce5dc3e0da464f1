"""Keeps what a long recording has completed so far, so that a kill loses little of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from covgate.git.process import GitError
from covgate.run.place import changed_files
from covgate.run.plan import read_notes
from covgate.run.worktree import read_working_tree

if TYPE_CHECKING:
    from pathlib import Path

    from covgate.gate.evidence import Archive
    from covgate.gate.surroundings import Surroundings
    from covgate.run.place import Place

FIRST_SECONDS = 60.0
# To keep takes time as well: at most a twentieth of the run.
_SHARE = 20


class Checkpoint:
    """Call it now and then while tests run; keeps their traces when it is time again.

    A trace needs what happened until its test ended, and nothing later, so that it can be kept
    while others still run: not, however, once a test changed the tree that is judged.
    """

    def __init__(self, archive: Archive, around: Surroundings, place: Place, index: Path) -> None:
        self._archive = archive
        self._around = around
        self._place = place
        self._index = index
        self._due = time.monotonic() + FIRST_SECONDS

    def __call__(self) -> None:
        began = time.monotonic()
        if began < self._due:
            return
        if self._is_unharmed():
            scratch = self._around.scratch
            # The end tells what goes wrong here; this only spares work.
            self._archive.keep(
                scratch / "trace", scratch / "data" / "coverage", self._place.root, asked=()
            )
        ended = time.monotonic()
        self._due = ended + max(FIRST_SECONDS, _SHARE * (ended - began))

    def _is_unharmed(self) -> bool:
        notes = read_notes(self._around.scratch / "notes")
        if any(note.kind in ("write", "moved") for note in notes):
            return False
        try:
            if self._place.isolated:
                repo, git = self._around.repo, self._around.git
                return not changed_files(repo, git, self._place, self._index)
            return not read_working_tree(self._around.repo).edited
        except (GitError, OSError):
            return False
