"""Test files that conftest files tell pytest to leave out: `collect_ignore`, where it is plain."""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from covgate.policy.collected import collected_files, within
from covgate.policy.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.policy.pytest_config import PytestConfig
    from covgate.policy.tree import Tree

_NAMES = ("collect_ignore", "collect_ignore_glob")
_HELP = "Let a plain `pytest` run these tests, or skip them with a reason."


def compare_conftests(
    before: Tree, after: Tree, was: PytestConfig, is_: PytestConfig
) -> Iterator[Weakening]:
    """Yield the test files of the base that a conftest newly leaves out, whatever the condition."""
    for path in sorted(after.paths):
        if path.rpartition("/")[2] != "conftest.py" or after.text(path) == before.text(path):
            continue
        old, new = (_ignored(tree, path) for tree in (before, after))
        if new.keys() <= old.keys():
            continue
        tests = collected_files(before.paths, was) & collected_files(after.paths, is_)
        tests = frozenset(test for test in tests if not _leaves_out(old, path, test))
        for entry, line in new.items():
            mine = sorted(test for test in tests if _leaves_out({entry: line}, path, test))
            if mine and entry not in old:
                names = ", ".join(mine[:5]) + (f" and {len(mine) - 5} more" if mine[5:] else "")
                message = f"`{entry[0]}` leaves tests out: {names}"
                yield Weakening(f"pytest.{entry[0]}", message, path, line, _HELP, files=tuple(mine))


Entries = dict[tuple[str, str], int]


def _ignored(tree: Tree, path: str) -> Entries:
    """Return the entries at the top level of a conftest, by name of the list, with their lines.

    What stands under a condition (a platform, a version) is not looked at.
    """
    text = tree.text(path) or ""
    if "collect_ignore" not in text:
        return {}
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return {}
    return {
        (name, normpath(item.value)): item.lineno
        for node in body
        for name, values in _assigned(node)
        for item in values
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    }


def _assigned(node: ast.stmt) -> Iterator[tuple[str, list[ast.expr]]]:
    """Yield the items that a statement gives to, or adds to, one of the lists."""
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=value)
            | ast.AugAssign(target=ast.Name(id=name), value=value)
        ) if name in _NAMES and isinstance(value, ast.List | ast.Tuple):
            yield name, value.elts
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend"), args=[value]
            )
        ) if name in _NAMES:
            yield name, value.elts if isinstance(value, ast.List | ast.Tuple) else [value]


def _leaves_out(entries: Entries, conftest: str, test: str) -> bool:
    folder = dirname(conftest)
    return any(
        within(test, normpath(join(folder, entry)))
        if name == "collect_ignore"
        else any(fnmatchcase(part, normpath(join(folder, entry))) for part in _tops(test))
        for name, entry in entries
    )


def _tops(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]
