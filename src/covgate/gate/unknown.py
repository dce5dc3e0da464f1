"""Which modules that git does not know count: those that a run finds as they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.git.process import GitError

if TYPE_CHECKING:
    from collections.abc import Collection

    from covgate.gate.surroundings import Surroundings
    from covgate.traces.beside import Admit
    from covgate.traces.spool import Process


def ignored_by_git(around: Surroundings) -> Admit:
    """Return what admits files that git ignores: other untracked ones are not there for a run."""

    def admit(root: Path, paths: Collection[str]) -> Collection[str]:
        # Git looks at nothing behind links, and takes them for files.
        plain = [path for path in paths if not _is_linked(root, path)]
        asked = b"".join(os.fsencode(path) + b"\0" for path in plain)
        try:
            told = around.git.run("check-ignore", "-z", "--stdin", stdin=asked)
        except GitError:  # of none, or git cannot say
            return ()
        return os.fsdecode(told).split("\0")[:-1]

    return admit


def _is_linked(root: Path, path: str) -> bool:
    return any((root / folder).is_symlink() for folder in Path(path).parents)


def start_of(spool: Path, main: Process) -> float:
    """Return when a run began, by the clock that files of the tree get their times from."""
    try:
        return min(main.began, (spool.parent / "watch.json").stat().st_mtime)
    except OSError:
        return main.began
