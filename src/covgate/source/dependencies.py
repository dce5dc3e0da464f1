"""Which modules of the project the judgement of one module may have looked into."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from covgate.source.modules import Project

_SIMPLE = (ast.Expr, ast.Assign, ast.Assert, ast.Return, ast.AnnAssign, ast.Pass, ast.Raise)
_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


class Dependencies:
    """The modules that a module imports, and those that these import, as far as they may tell.

    What a name stands for is looked up in other modules only by their imports, and only in modules
    that may define marks, reasons, helpers or test classes.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._direct: dict[str, frozenset[str]] = {}

    def of(self, path: str) -> dict[str, bool]:
        """Return the modules behind `path`, each with whether it is one that may tell."""
        found: dict[str, bool] = {}
        todo = [path]
        while todo:
            for other in self._imported(todo.pop()):
                if other not in found and other != path:
                    found[other] = self._project.is_telling(other)
                    if found[other]:
                        todo.append(other)
        return found

    def _imported(self, path: str) -> frozenset[str]:
        if path not in self._direct:
            module = self._project.module(path)
            names = _imports(module.tree.body) if module is not None else ()
            places = (self._project.find(path, name, level) for name, level in set(names))
            self._direct[path] = frozenset(filter(None, places))
        return self._direct[path]


def _imports(body: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    """Yield the names that may be modules: (dotted name, level), with all their prefixes."""
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                yield from ((".".join(parts[:end]), 0) for end in range(1, len(parts) + 1))
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield base, node.level
            for alias in node.names:
                yield (f"{base}.{alias.name}" if base else alias.name), node.level
        elif not isinstance(node, _SIMPLE):
            for name in _BODIES:
                inner = getattr(node, name, None)
                if isinstance(inner, list):
                    yield from _imports(inner)
