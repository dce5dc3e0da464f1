"""Which exclusions without a reason are new, compared per function so that moves are none."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from covgate.policy.pragmas import Pragma, bare_pragmas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from covgate.change.model import FileChange
    from covgate.policy.tree import Tree

_ALIKE = 0.6


def added_pragmas(
    files: Sequence[FileChange],
    before: Tree,
    after: Tree,
    patterns: Sequence[str],
    others: Sequence[str] = (),
) -> list[Pragma]:
    """Return the bare exclusions in the changed files of `after` that `before` did not have."""
    old: list[Pragma] = []
    new: list[Pragma] = []
    for file in files:
        if file.status != "deleted" and file.path.endswith((".py", ".pyi")):
            new += bare_pragmas(file.path, after.text(file.path) or "", patterns, others)
    if not new:
        return []
    for file in files:
        source = file.old_path
        if source is not None and source.endswith((".py", ".pyi")):
            # Under the new name, so that a renamed file is the same file.
            name = file.path if file.status != "copied" else source
            old += bare_pragmas(name, before.text(source) or "", patterns, others)
    return _unpaired(old, new, gone=_gone(files, before, after))


def _gone(files: Sequence[FileChange], before: Tree, after: Tree) -> Callable[[Pragma], bool]:
    """Return a test for pragmas of the base whose function or line is no longer in its file."""
    texts = {file.path: after.text(file.path) or "" for file in files}

    def is_gone(pragma: Pragma) -> bool:
        text = texts.get(pragma.path, "")
        name = pragma.owner.rpartition(".")[2]
        if name and pragma.rank >= 2:
            return f"def {name}" not in text and f"class {name}" not in text
        return not any(" ".join(line.split()).startswith(pragma.code) for line in text.splitlines())

    return is_gone


def _unpaired(
    old: Sequence[Pragma], new: Sequence[Pragma], gone: Callable[[Pragma], bool]
) -> list[Pragma]:
    left = list(old)
    open_ = list(new)
    rules: tuple[Callable[[Pragma, Pragma], bool], ...] = (
        lambda o, n: (o.path, o.owner, o.code) == (n.path, n.owner, n.code),
        lambda o, n: (o.path, o.owner) == (n.path, n.owner) and o.rank >= n.rank,
        lambda o, n: o.path == n.path and o.code == n.code,
        lambda o, n: o.code == n.code and _last(o) == _last(n) and gone(o),
        lambda o, n: o.rank == n.rank and _alike(o, n) and gone(o),
    )
    for same in rules:
        open_ = [pragma for pragma in open_ if not _take(left, pragma, same)]
    return open_


def _take(left: list[Pragma], pragma: Pragma, same: Callable[[Pragma, Pragma], bool]) -> bool:
    partner = next((other for other in left if same(other, pragma)), None)
    if partner is not None:
        left.remove(partner)
    return partner is not None


def _last(pragma: Pragma) -> str:
    return pragma.owner.rpartition(".")[2]


def _alike(old: Pragma, new: Pragma) -> bool:
    """Return whether a function was renamed rather than replaced."""
    if old.rank < 2 and old.code != new.code:
        return False
    if not old.body or not new.body:
        return old.body == new.body and old.code == new.code
    return SequenceMatcher(None, old.body, new.body, autojunk=False).ratio() >= _ALIKE


def lines_of(pragmas: Iterable[Pragma]) -> set[tuple[str, int]]:
    """Return the places of pragmas."""
    return {(pragma.path, pragma.line) for pragma in pragmas}
