"""Scopes and the names bound in them, in the order in which Python binds them."""

from __future__ import annotations

import ast
import operator
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from covgate.source.walking import statements, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from covgate.source.modules import Module
    from covgate.source.skips.values import Value

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
MUTATORS = {"append", "extend", "insert", "add", "update", "clear", "remove", "pop"}

Position = tuple[int, int]


class Binding(NamedTuple):
    """One place that gives a name a value; `certain` when it always runs and ends older ones.

    `kind` says how to read `node`: value, item (of an iterable), element (of an unpacked value,
    by `part`), augmented, definition, import, from, mutated, deleted, opaque.
    """

    name: str
    kind: str
    node: ast.AST
    position: Position
    certain: bool
    part: int = -1


class Scope:
    """A module, class or function body; `given` are values known for parameters."""

    def __init__(
        self,
        module: Module,
        node: ast.AST,
        parent: Scope | None = None,
        given: dict[str, Value] | None = None,
    ) -> None:
        self.module = module
        self.node = node
        self.parent = parent
        self.given = given or {}
        self.known: dict[tuple[str, int], Value] = {}

    @property
    def is_function(self) -> bool:
        return isinstance(self.node, (*FUNCTIONS, ast.Lambda))

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        """All bindings by name, in order; star imports under `*`."""
        found: dict[str, list[Binding]] = {}
        for binding in self._all():
            found.setdefault(binding.name, []).append(binding)
        return found

    def _all(self) -> Iterator[Binding]:
        if isinstance(self.node, (*FUNCTIONS, ast.Lambda)):
            arguments = self.node.args
            for argument in (
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                *filter(None, (arguments.vararg, arguments.kwarg)),
            ):
                yield Binding(argument.arg, "parameter", argument, (0, 0), True)
        if not isinstance(self.node, ast.Lambda):
            body = cast("ast.Module | Definition", self.node).body
            changed = self._changed_inside() if isinstance(self.node, ast.Module) else set()
            for name in changed:
                yield Binding(name, "opaque", self.node, (0, 0), True)
            for binding in _block(body, certain=True):
                yield binding._replace(certain=False) if binding.name in changed else binding

    def _changed_inside(self) -> set[str]:
        """Return the names of the module that functions give other values."""
        if re.search(rb"^\s+global\s", self.module.data, re.MULTILINE) is None:
            return set()
        found = statements(self.module.tree)
        return {name for node in found if isinstance(node, ast.Global) for name in node.names}


_ORDERS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


def constant_truth(test: ast.expr) -> bool | None:
    """Return what a condition always is, None when that depends."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, (ast.Name, ast.Attribute)):
        name = test.id if isinstance(test, ast.Name) else test.attr
        return False if name == "TYPE_CHECKING" else None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = constant_truth(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        return _constant_bool(test)
    if isinstance(test, (ast.Tuple, ast.List, ast.Set)) and not any(
        isinstance(item, ast.Starred) for item in test.elts
    ):
        return bool(test.elts)
    if isinstance(test, ast.Dict) and None not in test.keys:
        return bool(test.keys)
    if isinstance(test, ast.Compare) and _asks_for_main(test):
        return isinstance(test.ops[0], ast.NotEq)
    if isinstance(test, ast.Compare) and all(
        isinstance(item, ast.Constant) for item in (test.left, *test.comparators)
    ):
        return _constant_compare(test)
    return None


def _asks_for_main(test: ast.Compare) -> bool:
    """Return whether a comparison is that of a main guard: a module under test is imported."""
    sides = (test.left, *test.comparators)
    return (
        len(sides) == 2
        and isinstance(test.ops[0], (ast.Eq, ast.NotEq))
        and any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
        and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)
    )


def _constant_bool(test: ast.BoolOp) -> bool | None:
    truths = [constant_truth(value) for value in test.values]
    decisive = isinstance(test.op, ast.Or)
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive


def _constant_compare(test: ast.Compare) -> bool | None:
    if len(test.ops) != 1:
        return None
    left = cast("ast.Constant", test.left).value
    right = cast("ast.Constant", test.comparators[0]).value
    same = type(left) is type(right) and left == right
    if isinstance(test.ops[0], (ast.Eq, ast.Is)):
        return same
    if isinstance(test.ops[0], (ast.NotEq, ast.IsNot)):
        return not same
    compare = _ORDERS.get(type(test.ops[0]))
    try:
        return compare(left, right) if compare is not None else None
    except TypeError:
        return None


def _block(body: Sequence[ast.stmt], *, certain: bool) -> Iterator[Binding]:
    for statement in body:
        yield from _statement(statement, certain)


def _statement(  # noqa: C901, PLR0912 - one case per statement
    node: ast.stmt, certain: bool
) -> Iterator[Binding]:
    position = (node.lineno, node.col_offset)
    if isinstance(node, DEFINITIONS):
        yield Binding(node.name, "definition", node, position, certain)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _target(target, node.value, position, certain)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _target(node.target, node.value, position, certain)
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield Binding(node.target.id, "augmented", node, position, certain)
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from _import(node, position, certain)
    elif isinstance(node, ast.If):
        yield from _branches(node, certain)
    elif isinstance(node, (ast.Try, ast.TryStar)):
        yield from _attempt(node, certain)
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        yield from _target(node.target, node.iter, position, False, kind="item")
        yield from _block([*node.body, *node.orelse], certain=False)
    elif isinstance(node, ast.While):
        yield from _walruses(node.test, certain)
        yield from _block([*node.body, *node.orelse], certain=False)
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        for item in node.items:
            if item.optional_vars is not None:
                yield from _target(
                    item.optional_vars, item.context_expr, position, certain, "opaque"
                )
        yield from _block(node.body, certain=certain)
    elif isinstance(node, ast.Match):
        for case in node.cases:
            yield from _block(case.body, certain=False)
    elif isinstance(node, ast.Delete):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield Binding(target.id, "deleted", node, position, certain)
    elif isinstance(node, ast.Expr):
        yield from _expression(node.value, position, certain)


def _expression(node: ast.expr, position: Position, certain: bool) -> Iterator[Binding]:
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.attr in MUTATORS
    ):
        yield Binding(node.func.value.id, "mutated", node, position, certain)
    elif isinstance(node, ast.NamedExpr):
        yield Binding(node.target.id, "value", node.value, position, certain)


def _target(
    target: ast.expr, value: ast.expr, position: Position, certain: bool, kind: str = "value"
) -> Iterator[Binding]:
    if isinstance(target, ast.Name):
        yield Binding(target.id, kind, value, position, certain)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for index, element in enumerate(target.elts):
            if isinstance(element, ast.Name):
                inner = "element" if kind == "value" else "opaque"
                yield Binding(element.id, inner, value, position, certain, index)
            else:
                yield from _target(element, value, position, certain, "opaque")
    elif isinstance(target, ast.Starred):
        yield from _target(target.value, value, position, certain, "opaque")
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        yield Binding(target.value.id, "mutated", target, position, certain)
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Call):
        key = target.slice
        if getattr(target.value.func, "id", "") == "globals" and isinstance(key, ast.Constant):
            yield Binding(str(key.value), kind, value, position, certain)


def _import(
    node: ast.Import | ast.ImportFrom, position: Position, certain: bool
) -> Iterator[Binding]:
    kind = "import" if isinstance(node, ast.Import) else "from"
    for index, alias in enumerate(node.names):
        name = alias.asname or (alias.name.partition(".")[0] if kind == "import" else alias.name)
        yield Binding(name, kind, node, position, certain, index)


def _settle(groups: list[list[Binding]], certain: bool) -> Iterator[Binding]:
    """Yield the bindings of alternatives; a name that all of them bind is bound for certain."""
    names = [{b.name for b in group if b.certain and b.kind != "mutated"} for group in groups]
    everywhere = set.intersection(*names) if certain and names else set()
    for group in groups:
        for binding in group:
            if binding.name in everywhere and binding.certain:
                everywhere.discard(binding.name)
                yield binding._replace(certain=True)
            else:
                yield binding._replace(certain=False)


def _walruses(node: ast.expr, certain: bool) -> Iterator[Binding]:
    """Yield what a condition binds on the way; behind `and` or `or` it may not come to that."""
    first = node.operand if isinstance(node, ast.UnaryOp) else node
    for inner in walk(node):
        if isinstance(inner, ast.NamedExpr):
            position = (inner.lineno, inner.col_offset)
            yield Binding(
                inner.target.id, "value", inner.value, position, certain and inner is first
            )


def _branches(node: ast.If, certain: bool) -> Iterator[Binding]:
    yield from _walruses(node.test, certain)
    truth = constant_truth(node.test)
    if truth is True:
        yield from _block(node.body, certain=certain)
    elif truth is False:
        yield from _block(node.orelse, certain=certain)
    else:
        yield from _settle(
            [list(_block(node.body, certain=True)), list(_block(node.orelse, certain=True))],
            certain,
        )


def _attempt(node: ast.Try | ast.TryStar, certain: bool) -> Iterator[Binding]:
    groups = [list(_block([*node.body, *node.orelse], certain=True))]
    groups += [list(_block(handler.body, certain=True)) for handler in node.handlers]
    yield from _settle(groups, certain)
    yield from _block(node.finalbody, certain=certain)
