"""diff-cover's own table in pyproject.toml."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.policy.option import Option
    from covgate.policy.tree import Tree

TABLE = ("tool", "diff_cover")


def diff_cover_options(tree: Tree) -> Mapping[str, Option]:
    """Return the options of `[tool.diff_cover]`."""
    document = tree.toml("pyproject.toml")
    return document.options(*TABLE) if document else {}


def excluded(path: str, options: Mapping[str, Option]) -> bool:
    """Return whether diff-cover would leave a changed file out."""
    include = [word.text for word in options["include"].items()] if "include" in options else []
    exclude = [word.text for word in options["exclude"].items()] if "exclude" in options else []
    if include and not any(fnmatchcase(path, pattern) for pattern in include):
        return True
    name = path.rpartition("/")[2]
    return any(
        fnmatchcase(path, pattern)
        or fnmatchcase(name, pattern)
        or fnmatchcase("/project/" + path, pattern)
        for pattern in exclude
    )
