"""What is staged, and by which signs one sees that it may have changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.occasion import observe
from covgate.git.objects import index_path, tree_of_index
from covgate.git.opening import opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covgate.git.repository import Repository

AT_WORK = "git is at work"
_REBASING = ("rebase-merge", "rebase-apply")
# The log of HEAD tells of commits, resets and switched branches, which may leave the index alone.
_TELLING = ("HEAD", "logs/HEAD", "MERGE_HEAD", "index.lock", *_REBASING)

Signs = tuple[tuple[int, int, int] | None, ...]


class Staged(NamedTuple):
    """The tree of the index, and what a commit of it is compared with ("" before the first)."""

    tree: str
    head: str
    head_tree: str
    merging: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether a commit would change nothing."""
        return self.tree == self.head_tree and not self.merging


def read_staged(folder: Path, env: Mapping[str, str]) -> Staged:
    """Return what is staged; raises `UsageError` for an index that has no tree."""
    with opened(folder, env) as (repo, git, scratch, _):
        head = repo.head
        return Staged(
            tree_of_index(repo, git, scratch),
            head.id if head else "",
            head.tree if head else "",
            observe(repo.top, repo.git_dir, env).merging,
        )


def signs(repo: Repository) -> Signs:
    """Return what differs whenever something else may be staged, or compared with."""
    places = (index_path(repo), *(repo.git_dir / name for name in _TELLING))
    return tuple(map(_state, places))


def _state(place: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(place)  # noqa: PTH116 - some times a second
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def occupied(repo: Repository) -> str:
    """Return what git is in the middle of, "" when nothing hinders a judgement."""
    if any((repo.git_dir / name).exists() for name in _REBASING):
        return "a rebase is under way"
    lock = index_path(repo)
    return AT_WORK if lock.with_name(f"{lock.name}.lock").exists() else ""
