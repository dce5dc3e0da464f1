"""Where in a module a walk stands, and the units that it passes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.skips.scopes import FUNCTIONS, Definition, Scope

if TYPE_CHECKING:
    from covgate.source.modules import Module


class Context(NamedTuple):
    """The place of a walk.

    `owner` is the qualified name of the innermost unit, `holder` the unit or constant that
    parameter sets belong to, `guarded` whether a condition decides if the walk comes here.
    """

    scope: Scope
    owner: str = ""
    holder: str = ""
    guarded: bool = False
    in_function: bool = False
    cls: ast.ClassDef | None = None

    def enter(self, node: Definition, scope: Scope) -> Context:
        """Return the context of the body of a definition."""
        is_function = isinstance(node, FUNCTIONS)
        if self.in_function:  # nested functions belong to the unit around them
            return self._replace(scope=scope, guarded=self.guarded or is_function)
        owner = f"{self.owner}.{node.name}" if self.owner else node.name
        return Context(
            scope,
            owner,
            owner,
            guarded=False,
            in_function=is_function,
            cls=node if isinstance(node, ast.ClassDef) else self.cls,
        )


class Unit(NamedTuple):
    """A function, method or class that is not nested in a function.

    `line` is that of `def` or `class`, `first` that of the first decorator, `body` that of the
    first statement; `text` the source.
    """

    name: str
    kind: str
    first: int
    line: int
    body: int
    end_line: int
    text: str

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def parent(self) -> str:
        return self.name.rpartition(".")[0]


def unit_of(node: Definition, module: Module, outer: Context, inner: Context) -> Unit:
    """Return the unit that a definition makes."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    end = node.end_lineno or node.lineno
    kind = "function" if isinstance(node, FUNCTIONS) else "class"
    return Unit(
        inner.owner,
        kind,
        first,
        node.lineno,
        node.body[0].lineno,
        end,
        module.segment(first, end),
    )
