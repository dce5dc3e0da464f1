"""Leave the project as it was: undo what tests wrote, and notice what can't be undone."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from covgate.git.objects import index_path
from covgate.run.worktree import read_working_tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.git.repository import Repository
    from covgate.run.plan import Note


class Fingerprint(NamedTuple):
    """What tests must not change: HEAD, the index and the configuration, as digests."""

    head: str
    staged: str
    config: str


def fingerprint(repo: Repository) -> Fingerprint:
    """Digest the state of the repository that belongs to the user."""
    return Fingerprint(
        repo.git.ask("rev-parse", "HEAD") or "",
        _digest(index_path(repo)),
        _digest(repo.common_dir / "config"),
    )


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def undo_writes(repo: Repository, notes: Iterable[Note]) -> list[Note]:
    """Put back the files of the working tree that tests wrote in place; returns the changed ones.

    Tracked files get their bytes back from the copy that was made before the first write. Files
    that tests made, and that git would show as untracked, are removed.
    """
    tracked_changes: list[Note] = []
    made: list[Path] = []
    for note in notes:
        place = repo.top / note.path
        if note.kind == "write" and not _same_bytes(place, Path(note.copy)):
            if _is_tracked(repo, note.path):
                tracked_changes.append(note)
                place.unlink(missing_ok=True)
                shutil.copy2(note.copy, place)
        elif note.kind == "create" and place.is_file():
            made.append(place)
    _remove_untracked(repo, made)
    return tracked_changes


def _same_bytes(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False


def _is_tracked(repo: Repository, path: str) -> bool:
    return bool(repo.git.run("--literal-pathspecs", "ls-files", "-z", "--", path))


def _remove_untracked(repo: Repository, made: Iterable[Path]) -> None:
    if not (paths := list(made)):
        return
    untracked = read_working_tree(repo).untracked
    for path in paths:
        relative = os.path.relpath(path, repo.top).replace(os.sep, "/")
        if any(relative == p or (p.endswith("/") and relative.startswith(p)) for p in untracked):
            path.unlink(missing_ok=True)
            _remove_empty_folders(path.parent, repo.top)


def _remove_empty_folders(folder: Path, top: Path) -> None:
    while folder != top:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
