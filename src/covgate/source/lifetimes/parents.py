"""The syntax tree of a file, read from what stands inside to what stands around it."""

from __future__ import annotations

import ast
import re
from functools import cached_property
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

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that a file binds anywhere, those of modules of the standard library left out.

        Elsewhere a name like `list` or `deque` stands for what everybody knows.
        """
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                found.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if not isinstance(self.above(node), ast.ClassDef):
                    found.add(node.name)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                module = node.module if isinstance(node, ast.ImportFrom) else None
                for one in node.names:
                    if module not in ("builtins", "collections") or one.asname:
                        found.add(one.asname or one.name)
        return frozenset(found)

    def above(self, node: ast.AST) -> ast.AST:
        """Return what a node stands in; the module stands in itself."""
        return self._above.get(node, self.tree)

    def function_of(self, node: ast.AST) -> ast.FunctionDef | None:
        """Return the function in whose body a node lies, None for any other scope."""
        below, above = node, self.above(node)
        while not isinstance(above, _SCOPES):
            below, above = above, self.above(above)
        return above if isinstance(above, ast.FunctionDef) and below in above.body else None

    def is_async(self, node: ast.AST) -> bool:
        """Whether a node lies in the body of a coroutine, or of something in one."""
        while node is not self.tree:
            if isinstance(node, ast.AsyncFunctionDef):
                return True
            node = self.above(node)
        return False

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
