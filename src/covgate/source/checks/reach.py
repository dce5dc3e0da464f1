"""Methods of the project's test helpers that check, by name: for objects of unknown class.

`script.run(...).did_create(path)`: no annotation leads to the class of what `run` returns, but one
of the test helpers that the module can reach has a method `did_create` that asserts.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from covgate.source.dependencies import Dependencies
from covgate.source.skips.scopes import FUNCTIONS
from covgate.source.walking import walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from covgate.source.modules import Module, Project

# Too common to say anything: a helper's `get` that asserts makes no dictionary's `get` a check.
_COMMON = frozenset(name for kind in (dict, list, set, str) for name in dir(kind)) | set(
    dir(builtins)
)


def conftests(path: str) -> list[str]:
    """Return a module's path and those of the conftests that may hold for it, nearest first."""
    places = [path]
    folder = path.rpartition("/")[0]
    while True:
        places.append(f"{folder}/conftest.py" if folder else "conftest.py")
        if not folder:
            return places
        folder = folder.rpartition("/")[0]


class HelpersInReach:
    """The names of checking functions of the test modules that a module can reach."""

    def __init__(self, project: Project, is_testing: Callable[[str], bool]) -> None:
        self._project = project
        self._is_testing = is_testing
        self._dependencies = Dependencies(project)
        self._names: dict[str, frozenset[str]] = {}

    def is_used(self, node: ast.AST, module: Module) -> bool:
        """Return whether a function calls a method of such a name on something."""
        called = {
            inner.func.attr
            for inner in walk(node)
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute)
        }
        called -= _COMMON
        return bool(called) and any(called & self._checking(path) for path in self._reach(module))

    def _reach(self, module: Module) -> list[str]:
        places = conftests(module.path)
        behind = [other for place in places for other in self._dependencies.of(place)]
        return [path for path in dict.fromkeys((*places, *behind)) if self._is_testing(path)]

    def _checking(self, path: str) -> frozenset[str]:
        if path not in self._names:
            module = self._project.module(path)
            self._names[path] = frozenset(
                node.name
                for node in (walk(module.tree) if module is not None else ())
                if isinstance(node, FUNCTIONS)
                and not isinstance(node, ast.Lambda)
                and not node.name.startswith("test")
                and any(map(_is_check, walk(node)))
            )
        return self._names[path]


def _is_check(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return True
    if isinstance(node, ast.Raise):
        target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(target, ast.Name) and target.id == "AssertionError"
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return name.startswith("assert") or name == "fail"
