"""Whether the filters of a GitHub event let ordinary changes start a workflow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covgate.policy.measured import production_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covgate.policy.tree import Tree
    from covgate.policy.yamldoc import Node

# Which branch is the main one cannot be told from the tree: these and anything with a digit may be.
_MAIN = re.compile(
    r"main|master|dev(?:el(?:op(?:ment)?)?)?|trunk|next|stable|default|.*[*\d].*", re.I
)
_TYPES = {"opened", "synchronize", "reopened", "ready_for_review"}


def starts(event: Node, tree: Tree) -> bool:
    """Return whether a change of production code may start the event."""
    branches, types = event.get("branches"), event.get("types")
    if branches is not None and not any(_MAIN.fullmatch(w.text) for w in branches.strings()):
        return False
    if types is not None and not _TYPES & {w.text for w in types.strings()}:
        return False
    files = production_files(tree)
    paths, ignored = event.get("paths"), event.get("paths-ignore")
    if paths is not None and files:
        return any(_filtered(path, [w.text for w in paths.strings()]) for path in files)
    if ignored is not None and files:
        return not all(_filtered(path, [w.text for w in ignored.strings()]) for path in files)
    return True


def _filtered(path: str, patterns: Sequence[str]) -> bool:
    """Apply GitHub's patterns in order: `!` takes files out again."""
    found = False
    for pattern in patterns:
        if _glob(pattern.removeprefix("!")).fullmatch(path):
            found = not pattern.startswith("!")
    return found


def _glob(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern)
    text = text.replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.compile(text.replace(r"\?", "[^/]"))
