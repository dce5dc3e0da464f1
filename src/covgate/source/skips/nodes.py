"""What each kind of expression stands for, given what its parts stand for."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from covgate.source.skips import calls
from covgate.source.skips.scopes import constant_truth
from covgate.source.skips.strings import format_value, joined, percent
from covgate.source.skips.values import UNKNOWN, Const, Func, Map, Seq, Value, alternatives, union

if TYPE_CHECKING:
    from covgate.source.skips.evaluate import Evaluator
    from covgate.source.skips.scopes import Position, Scope


def _name(self: Evaluator, node: ast.Name, scope: Scope, at: Position) -> Value:
    return self.name(node.id, scope, at)


def _constant(self: Evaluator, node: ast.Constant, scope: Scope, at: Position) -> Value:
    return Const(node.value)


def _attribute(self: Evaluator, node: ast.Attribute, scope: Scope, at: Position) -> Value:
    return self.member(self.evaluate(node.value, scope, at), node.attr)


def _call(self: Evaluator, node: ast.Call, scope: Scope, at: Position) -> Value:
    func = self.evaluate(node.func, scope, at)
    if func is UNKNOWN:
        return UNKNOWN
    return self.call(func, self.arguments(node, scope, at), self.place(node, scope))


def _sequence(self: Evaluator, node: ast.List, scope: Scope, at: Position) -> Value:
    items: list[Value] = []
    is_open = False
    for element in node.elts:
        if isinstance(element, ast.Starred):
            spread = self.evaluate(element.value, scope, at)
            is_open |= not isinstance(spread, Seq) or spread.open
            items.extend(spread.items if isinstance(spread, Seq) else ())
        else:
            items.append(self.evaluate(element, scope, at))
    return Seq(tuple(items), is_open)


def _comprehension(self: Evaluator, node: ast.ListComp, scope: Scope, at: Position) -> Value:
    return Seq((self.evaluate(node.elt, scope, at),), open=True)


def _dict(self: Evaluator, node: ast.Dict, scope: Scope, at: Position) -> Value:
    items: dict[object, Value] = {}
    is_open = False
    for key, value in zip(node.keys, node.values, strict=True):
        known = self.evaluate(key, scope, at) if key is not None else UNKNOWN
        found = self.evaluate(value, scope, at)
        if isinstance(known, Const):
            items[known.value] = found
        elif key is None and isinstance(found, Map):
            items.update(found.items)
        else:
            is_open = True
    return Map(items, is_open)


def _conditional(self: Evaluator, node: ast.IfExp, scope: Scope, at: Position) -> Value:
    truth = calls.truth(self.evaluate(node.test, scope, at))
    branches = [node.body, node.orelse] if truth is None else [node.body if truth else node.orelse]
    return union([self.evaluate(branch, scope, at) for branch in branches])


def _boolean(self: Evaluator, node: ast.BoolOp, scope: Scope, at: Position) -> Value:
    stops = isinstance(node.op, ast.Or)
    found: list[Value] = []
    for index, part in enumerate(node.values):
        value = self.evaluate(part, scope, at)
        truth = calls.truth(value)
        if truth is (not stops) and index < len(node.values) - 1:
            continue
        found.append(value)
        if truth is stops:
            if isinstance(value, Const) and isinstance(value.value, bool):
                return value  # `x or True` is true whatever x is
            break
    return union(found)


def _binary(self: Evaluator, node: ast.BinOp, scope: Scope, at: Position) -> Value:
    left = self.evaluate(node.left, scope, at)
    right = self.evaluate(node.right, scope, at)
    if isinstance(node.op, ast.Add):
        return calls.add(left, right)
    if isinstance(node.op, ast.Mod):
        return percent(left, right)
    if not (isinstance(node.op, ast.Mult) and isinstance(left, Const) and isinstance(right, Const)):
        return UNKNOWN
    if isinstance(left.value, str) and isinstance(right.value, int) and right.value < 200:
        return Const(left.value * right.value)
    return UNKNOWN


def _unary(self: Evaluator, node: ast.UnaryOp, scope: Scope, at: Position) -> Value:
    value = self.evaluate(node.operand, scope, at)
    if isinstance(node.op, ast.USub) and isinstance(value, Const) and isinstance(value.value, int):
        return Const(-value.value)
    truth = calls.truth(value)
    return Const(not truth) if isinstance(node.op, ast.Not) and truth is not None else UNKNOWN


def _compare(self: Evaluator, node: ast.Compare, scope: Scope, at: Position) -> Value:
    truth = constant_truth(node)
    return UNKNOWN if truth is None else Const(truth)


def _fstring(self: Evaluator, node: ast.JoinedStr, scope: Scope, at: Position) -> Value:
    parts: list[Value] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            parts.append(format_value(part, self.evaluate(part.value, scope, at)))
        else:
            parts.append(self.evaluate(part, scope, at))
    return joined(parts)


def _subscript(self: Evaluator, node: ast.Subscript, scope: Scope, at: Position) -> Value:
    owner = self.evaluate(node.value, scope, at)
    if isinstance(node.slice, ast.Slice):
        return _sliced(self, owner, node.slice, scope, at)
    key = self.evaluate(node.slice, scope, at)
    found = [calls.item(option, key) for option in alternatives(owner)]
    return union(found)


def _sliced(self: Evaluator, owner: Value, node: ast.Slice, scope: Scope, at: Position) -> Value:
    """Return a part of a text, UNKNOWN unless all of its bounds are known."""
    bounds: list[int | None] = []
    for part in (node.lower, node.upper, node.step):
        value = Const(None) if part is None else self.evaluate(part, scope, at)
        if not isinstance(value, Const) or not isinstance(value.value, (int, type(None))):
            return UNKNOWN
        bounds.append(value.value)
    if not (isinstance(owner, Const) and isinstance(owner.value, str)) or bounds[2] == 0:
        return UNKNOWN
    return Const(owner.value[slice(*bounds)])


def _lambda(self: Evaluator, node: ast.Lambda, scope: Scope, at: Position) -> Value:
    return Func(node, scope.module, scope)


def _walrus(self: Evaluator, node: ast.NamedExpr, scope: Scope, at: Position) -> Value:
    return self.evaluate(node.value, scope, at)


Handler = Callable[["Evaluator", Any, "Scope", "Position"], Value]
HANDLERS: dict[type[ast.expr], Handler] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.SetComp: _comprehension,
    ast.Dict: _dict,
    ast.IfExp: _conditional,
    ast.BoolOp: _boolean,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.JoinedStr: _fstring,
    ast.Subscript: _subscript,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.Await: lambda self, node, scope, at: UNKNOWN,
}
