"""Assertions that hold whatever the code does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.checks.constants import UnfoldableError, fold
from covgate.source.skips.scopes import constant_truth
from covgate.source.walking import walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PURE = (ast.Name, ast.Attribute, ast.Constant)
_ONE_ARGUMENT = {
    "assertTrue": True,
    "assertFalse": False,
    "assert_": True,
    "failUnless": True,
    "failIf": False,
}
_EXTRA = ("msg", "message", "err_msg", "rtol", "atol", "places", "delta", "verbose")
_COMPARED: dict[str, type[ast.cmpop]] = {
    "assertNotEqual": ast.NotEq,
    "assertIs": ast.Is,
    "assertIsNot": ast.IsNot,
    "assertIn": ast.In,
    "assertNotIn": ast.NotIn,
    "assertGreater": ast.Gt,
    "assertGreaterEqual": ast.GtE,
    "assertLess": ast.Lt,
    "assertLessEqual": ast.LtE,
}
_EQUAL = {
    "assertEqual",
    "assertEquals",
    "assertAlmostEqual",
    "assertListEqual",
    "assertDictEqual",
    "assertSetEqual",
    "assertTupleEqual",
    "assertSequenceEqual",
    "assertMultiLineEqual",
    "assertCountEqual",
    "assert_equal",
    "assert_array_equal",
    "assert_allclose",
    "assert_frame_equal",
    "assert_series_equal",
    "assert_is",
    "assert_eq",
}


def is_same(left: ast.expr, right: ast.expr) -> bool:
    """Return whether two expressions are the same name, attribute or literal, without calls."""
    if any(not isinstance(node, _PURE) for side in (left, right) for node in walk(side)):
        return False
    return ast.dump(left) == ast.dump(right)


def is_always_true(test: ast.expr, names: Mapping[str, object] | None = None) -> bool:
    """Return whether an asserted expression is true whatever the code under test does.

    `names` are local names that stand for constants.
    """
    if constant_truth(test) is True:
        return True
    try:
        return bool(fold(test, names))
    except UnfoldableError:
        return _holds(test)


def _holds(test: ast.expr) -> bool:
    if isinstance(test, ast.Compare):
        return _compare(test)
    if isinstance(test, ast.BoolOp):
        parts = [is_always_true(value) for value in test.values]
        if isinstance(test.op, ast.Or):
            return any(parts) or _has_opposites(test.values)
        return all(parts)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        operand = test.operand
        opposite = _opposite(operand)
        return constant_truth(operand) is False or (opposite is not None and _compare(opposite))
    if isinstance(test, ast.IfExp):
        return is_always_true(test.body) and is_always_true(test.orelse)
    if isinstance(test, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) and part.value for part in test.values)
    if isinstance(test, (ast.Lambda, ast.GeneratorExp)):
        return True
    if isinstance(test, (ast.Tuple, ast.List, ast.Set)):
        return any(not isinstance(element, ast.Starred) for element in test.elts)
    if isinstance(test, ast.Dict):
        return any(key is not None for key in test.keys)
    if isinstance(test, ast.Call):
        return _call(test)
    return False


def _call(test: ast.Call) -> bool:
    name = test.func.id if isinstance(test.func, ast.Name) else ""
    if name == "isinstance" and len(test.args) == 2:
        kind = test.args[1]
        return isinstance(kind, ast.Name) and kind.id == "object"
    if name == "bool" and len(test.args) == 1:
        return is_always_true(test.args[0])
    if name == "any" and test.args and isinstance(test.args[0], (ast.List, ast.Tuple, ast.Set)):
        return any(map(is_always_true, test.args[0].elts))
    return False


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.Is: ast.IsNot,
    ast.In: ast.NotIn,
    ast.Lt: ast.GtE,
    ast.Gt: ast.LtE,
}
_OPPOSITES.update({other: one for one, other in list(_OPPOSITES.items())})
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}


def _opposite(test: ast.expr) -> ast.Compare | None:
    """Return the comparison that holds when `test` does not, None when it is no comparison."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    return ast.Compare(test.left, [_OPPOSITES[type(test.ops[0])]()], test.comparators)


def _has_opposites(values: Sequence[ast.expr]) -> bool:
    """Return whether one of several alternatives holds when another does not."""
    dumps = {ast.dump(value) for value in values}
    for value in values:
        opposite: ast.expr | None = _opposite(value)
        if isinstance(opposite, ast.Compare) and not isinstance(opposite.ops[0], _EXACT):
            continue  # neither holds of what cannot be ordered
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
            opposite = value.operand
        if opposite is not None and ast.dump(opposite) in dumps:
            return True
    return False


_EXACT = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)


def _compare(test: ast.Compare) -> bool:
    if len(test.ops) != 1:
        return False
    op, left, right = test.ops[0], test.left, test.comparators[0]
    if isinstance(op, (ast.Eq, ast.Is, ast.LtE, ast.GtE)) and is_same(left, right):
        return True
    if _is_length(right) and type(op) in _MIRRORED:
        op, left, right = _MIRRORED[type(op)](), right, left
    if _is_length(left):
        try:
            least = fold(right)
        except UnfoldableError:
            return False
        if not isinstance(least, (int, float)):
            return False
        return (isinstance(op, ast.GtE) and least <= 0) or (isinstance(op, ast.Gt) and least < 0)
    if isinstance(op, ast.IsNot) and isinstance(right, ast.Constant) and right.value is None:
        return isinstance(left, (ast.Constant, ast.List, ast.Dict, ast.Tuple))
    return False


def _is_length(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "len"


def is_void_call(name: str, node: ast.Call) -> bool:
    """Return whether a call of the assertion method `name` holds whatever the code does."""
    args = [*node.args, *(k.value for k in node.keywords if k.arg not in (None, *_EXTRA))]
    if name in _ONE_ARGUMENT and args:
        wanted = _ONE_ARGUMENT[name]
        if wanted:
            return is_always_true(args[0])
        return is_always_true(ast.UnaryOp(ast.Not(), args[0]))
    if name in _EQUAL and len(args) >= 2:
        equal = ast.Compare(args[0], [ast.Eq()], [args[1]])
        return is_same(args[0], args[1]) or is_always_true(equal)
    if name in _COMPARED and len(args) >= 2:
        return is_always_true(ast.Compare(args[0], [_COMPARED[name]()], [args[1]]))
    if name == "assertIsNotNone" and args:
        return isinstance(args[0], ast.Constant) and args[0].value is not None
    if name == "assertIsNone" and args:
        return isinstance(args[0], ast.Constant) and args[0].value is None
    if name == "assertIsInstance" and len(args) >= 2:
        return isinstance(args[1], ast.Name) and args[1].id == "object"
    return False
