"""The change under judgement, as immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from covgate.change.snapshot import Snapshot

Mode = Literal["staged", "range", "merge", "all"]
Status = Literal["added", "modified", "deleted", "renamed", "copied"]


class FileChange(NamedTuple):
    """One file that differs between the base and the target tree.

    `path` is the place in the target tree (in the base tree when deleted), `old_path` the place
    in the base tree (None when added). `lines` are the changed lines on the new side, counted
    from 1; `removed` the lines of the old side that are gone. Both are filled for Python files
    only. With several bases (a merge) a line is changed when it differs from every one of them.
    """

    path: str
    old_path: str | None
    status: Status
    old_blob: str | None
    new_blob: str | None
    lines: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    old_mode: str | None = None
    new_mode: str | None = None


class Base(NamedTuple):
    """One tree that the change is compared with: how a person names it, and its id.

    `commit` is None for the empty tree.
    """

    name: str
    commit: str | None
    tree: str


@dataclass(frozen=True)
class Change:
    """What is being judged: `files` differ between all of `bases` and `target`.

    `why` is the sentence that says how the mode was chosen. In mode "all" the only base is the
    empty tree: the whole project is in scope. `since_first` is what differs from the first base
    alone (in a merge that holds what the other side brings): tests may be affected by all of it.
    """

    mode: Mode
    why: str
    bases: tuple[Base, ...]
    before: tuple[Snapshot, ...]
    target: Snapshot
    files: tuple[FileChange, ...]
    since_first: tuple[FileChange, ...] = ()
