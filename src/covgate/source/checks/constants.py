"""Fold expressions of constants, so that an assertion about nothing but constants is seen."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BIG = 1000
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len, "bool": bool, "str": str, "all": all, "any": any, "abs": abs, "sum": sum,
    "min": min, "max": max, "sorted": sorted, "int": int,
}  # fmt: skip
_SEQUENCES: dict[type[ast.expr], type] = {ast.Tuple: tuple, ast.List: list, ast.Set: set}


class UnfoldableError(Exception):
    """An expression depends on something that is no constant."""


def fold(node: ast.expr, names: Mapping[str, object] | None = None) -> Any:
    """Return the value of an expression of constants; raises `UnfoldableError` when it is none.

    `names` are the names whose values are known.
    """
    try:
        return _fold(node, names or {})
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise UnfoldableError from error


def _fold(node: ast.expr, names: Mapping[str, object]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if type(node) in _SEQUENCES and isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return _SEQUENCES[type(node)](_fold(element, names) for element in node.elts)
    if isinstance(node, ast.Dict):
        keys = [_fold(key, names) if key is not None else _refuse() for key in node.keys]
        return dict(zip(keys, (_fold(value, names) for value in node.values), strict=True))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_fold(node.operand, names))
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _binary(node, names)
    if isinstance(node, ast.Compare):
        return _chain(node, names)
    if isinstance(node, ast.BoolOp):
        return _boolean(node, names)
    if isinstance(node, ast.IfExp):
        return _fold(node.body if _fold(node.test, names) else node.orelse, names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id in _FUNCTIONS:
            return _FUNCTIONS[node.func.id](*(_fold(arg, names) for arg in node.args))
    return _refuse()


def _refuse() -> bool:
    raise UnfoldableError


def _binary(node: ast.BinOp, names: Mapping[str, object]) -> Any:
    left, right = _fold(node.left, names), _fold(node.right, names)
    for side in (left, right):  # a repetition must not fill the memory
        if isinstance(node.op, ast.Mult) and isinstance(side, int) and abs(side) > _BIG:
            _refuse()
    if isinstance(node.op, ast.Mod) and isinstance(left, (str, bytes)):
        _refuse()
    return _BINARY[type(node.op)](left, right)


def _chain(node: ast.Compare, names: Mapping[str, object]) -> bool:
    values = [_fold(value, names) for value in (node.left, *node.comparators)]
    return all(
        _COMPARE[type(op)](left, right)
        for op, left, right in zip(node.ops, values, values[1:], strict=False)
    )


def _boolean(node: ast.BoolOp, names: Mapping[str, object]) -> Any:
    stops = isinstance(node.op, ast.Or)
    value: Any = None
    for part in node.values:
        value = _fold(part, names)
        if bool(value) is stops:
            break
    return value
