"""Which functions of a file a statement calls or not, as it decides inside of itself."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from covgate.source.blocks.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from covgate.source.blocks.scopes import Function

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_HEADERS = {
    ast.If: "test", ast.While: "test", ast.For: "iter", ast.AsyncFor: "iter", ast.Match: "subject",
}  # fmt: skip
_BLOCKS = (
    *_HEADERS, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try, ast.With,
    ast.AsyncWith,
)  # fmt: skip


class Calls:
    """Of one file, with all of its functions."""

    def __init__(self, tree: ast.Module, functions: Iterable[Function]) -> None:
        self._lines: dict[str, set[int]] = defaultdict(set)
        for function in functions:
            self._lines[function.name].add(_first_line(function))
        self._values = {
            target.id: statement.value
            for statement in tree.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }

    def decided(
        self, statement: ast.stmt, function: Function, asks: Callable[[ast.AST], bool]
    ) -> tuple[int, ...]:
        """Return the first lines of what it may call, depending on what `asks` is true of."""
        header = _HEADERS.get(type(statement))
        if header is None and isinstance(statement, _BLOCKS):
            return ()
        whole = statement if header is None else getattr(statement, header)
        found: set[int] = set()
        for node in ast.walk(whole):
            for part in _depending(node, asks):
                found |= self._called(part)
            if (
                isinstance(node, ast.Call)
                and not isinstance(node.func, ast.Attribute)
                and asks(node.func)
            ):
                found |= self._held(function)
        return tuple(sorted(found))

    def _called(self, node: ast.AST) -> set[int]:
        """Return where the functions begin that an expression calls."""
        names = [dotted(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)]
        lines = [self._lines.get(name.rpartition(".")[2], ()) for name in names if name]
        return set[int]().union(*lines)

    def _held(self, function: Function) -> set[int]:
        """Return where the functions begin that a function has as values, or in a table."""
        called = {id(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
        found: set[int] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and id(node) not in called:
                found |= self._lines.get(node.id, set())
                table = self._values.get(node.id)
                for part in ast.walk(table) if table is not None else ():
                    if isinstance(part, ast.Name):
                        found |= self._lines.get(part.id, set())
        return found - {_first_line(function)}


def _depending(node: ast.AST, asks: Callable[[ast.AST], bool]) -> Iterator[ast.AST]:
    """Yield the parts of an expression that are evaluated or not, as it is decided."""
    if isinstance(node, ast.IfExp) and asks(node.test):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.BoolOp):
        for place, part in enumerate(node.values[1:], 1):
            if any(map(asks, node.values[:place])):
                yield part
    elif isinstance(node, _COMPREHENSIONS) and any(map(asks, node.generators)):
        yield from (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)


def _first_line(function: Function) -> int:
    """Return the first line that runs when a function is called."""
    first = function.body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (function.body[1] if is_text and len(function.body) > 1 else first).lineno
