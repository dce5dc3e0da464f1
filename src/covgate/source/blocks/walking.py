"""All nodes beneath one, kept while a file is read: many questions go over the same functions.

`ast.walk` costs more than what is asked of the nodes. Whoever changes a tree has to say so.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_known: dict[ast.AST, tuple[ast.AST, ...]] = {}


def walk(node: ast.AST) -> tuple[ast.AST, ...]:
    """Return what `ast.walk` yields."""
    found = _known.get(node)
    if found is None:
        found = _known[node] = tuple(ast.walk(node))
    return found


def walk_all(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield all nodes of several statements."""
    for statement in body:
        yield from walk(statement)


def changed_beneath(node: ast.AST) -> None:
    """Forget what was beneath a node and its parts: some of it is there no more."""
    for part in ast.walk(node):
        _known.pop(part, None)


def forget() -> None:
    """Forget all trees."""
    _known.clear()
