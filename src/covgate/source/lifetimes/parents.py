"""The syntax tree of a file, read from what stands inside to what stands around it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp, ast.ClassDef, ast.Module,
)  # fmt: skip


def parsed(text: bytes) -> ast.Module | None:
    """Return the tree of a file, None when it cannot be parsed."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def has_word(text: bytes, words: Iterable[str]) -> bool:
    """Whether one of some words stands in a text."""
    some = b"|".join(re.escape(word.encode()) for word in words)
    return re.search(rb"(?<!\w)(?:%s)(?!\w)" % some, text) is not None


class Parents:
    """A tree, and what each of its nodes stands in."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self._above = {
            child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)
        }

    def above(self, node: ast.AST) -> ast.AST:
        """Return what a node stands in; the module stands in itself."""
        return self._above.get(node, self.tree)

    def function_of(self, node: ast.AST) -> ast.FunctionDef | None:
        """Return the function in whose body a node lies, None for any other scope."""
        below, above = node, self.above(node)
        while not isinstance(above, _SCOPES):
            below, above = above, self.above(above)
        return above if isinstance(above, ast.FunctionDef) and below in above.body else None

    def loops_of(self, node: ast.AST) -> set[ast.AST]:
        """Return the loops that a node lies in."""
        found: set[ast.AST] = set()
        while not isinstance(node, _SCOPES):
            if isinstance(node, ast.For | ast.AsyncFor | ast.While):
                found.add(node)
            node = self.above(node)
        return found

    def is_exported(self, node: ast.AST) -> bool:
        """Whether a node is one of the names in a list that `__all__` is given."""
        around = self.above(node)
        statement = self.above(around)
        return (
            isinstance(around, ast.List | ast.Tuple)
            and isinstance(statement, ast.Assign)
            and [getattr(one, "id", "") for one in statement.targets] == ["__all__"]
        )
