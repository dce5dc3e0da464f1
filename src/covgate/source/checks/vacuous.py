"""Assertions that hold whatever the code does."""

from __future__ import annotations

import ast

from covgate.source.skips.scopes import constant_truth
from covgate.source.walking import walk

_PURE = (ast.Name, ast.Attribute, ast.Constant)
_ONE_ARGUMENT = {
    "assertTrue": True,
    "assertFalse": False,
    "assert_": True,
    "failUnless": True,
    "failIf": False,
}
_EQUAL = {
    "assertEqual",
    "assertEquals",
    "assertIs",
    "assertAlmostEqual",
    "assertLessEqual",
    "assertGreaterEqual",
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


def is_always_true(test: ast.expr) -> bool:
    """Return whether an asserted expression is true whatever the code under test does."""
    if constant_truth(test) is True:
        return True
    if isinstance(test, ast.Compare):
        return _compare(test)
    if isinstance(test, ast.BoolOp):
        parts = [is_always_true(value) for value in test.values]
        return any(parts) if isinstance(test.op, ast.Or) else all(parts)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return constant_truth(test.operand) is False
    if isinstance(test, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) and part.value for part in test.values)
    if isinstance(test, (ast.Lambda, ast.GeneratorExp)):
        return True
    if isinstance(test, ast.Dict):
        return bool(test.keys) and None not in test.keys
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
    return False


def _compare(test: ast.Compare) -> bool:
    if len(test.ops) != 1:
        return False
    op, left, right = test.ops[0], test.left, test.comparators[0]
    if isinstance(op, (ast.Eq, ast.Is, ast.LtE, ast.GtE)) and is_same(left, right):
        return True
    is_length = isinstance(left, ast.Call) and getattr(left.func, "id", "") == "len"
    if is_length and isinstance(right, ast.Constant) and isinstance(right.value, int):
        return (isinstance(op, ast.GtE) and right.value <= 0) or (
            isinstance(op, ast.Gt) and right.value < 0
        )
    if isinstance(op, ast.IsNot) and isinstance(right, ast.Constant) and right.value is None:
        return isinstance(left, (ast.Constant, ast.List, ast.Dict, ast.Tuple))
    return False


def is_void_call(name: str, node: ast.Call) -> bool:
    """Return whether a call of the assertion method `name` holds whatever the code does."""
    args = node.args
    if name in _ONE_ARGUMENT and args:
        wanted = _ONE_ARGUMENT[name]
        if wanted:
            return is_always_true(args[0])
        return constant_truth(args[0]) is False
    if name in _EQUAL and len(args) >= 2:
        return is_same(args[0], args[1])
    if name == "assertIsNotNone" and args:
        return isinstance(args[0], ast.Constant) and args[0].value is not None
    if name == "assertIsNone" and args:
        return isinstance(args[0], ast.Constant) and args[0].value is None
    if name == "assertIsInstance" and len(args) >= 2:
        return isinstance(args[1], ast.Name) and args[1].id == "object"
    return False
