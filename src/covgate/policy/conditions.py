"""Whether a CI step's condition can still hold on a pull request or a push to the main branch."""

from __future__ import annotations

import ast
import re

_CONTEXTS: tuple[dict[str, object], ...] = (
    {
        "github.event_name": "pull_request",
        "github.ref": "refs/pull/1/merge",
        "github.ref_type": "branch",
        "github.ref_name": "1/merge",
        "github.base_ref": "main",
    },
    {
        "github.event_name": "push",
        "github.ref": "refs/heads/main",
        "github.ref_type": "branch",
        "github.ref_name": "main",
        "github.base_ref": "",
    },
)
_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "false": False,
    "no": False,
    "off": False,
    "null": False,
}
_ALWAYS = {"always", "success", "cancelled", "failure"}


class _UnknownError(Exception):
    """A part of a condition that cannot be told from the file."""


def never_holds(condition: str) -> bool:
    """Return whether a condition is false on every pull request and every push to main."""
    tree = _parsed(condition)
    return tree is not None and all(_value(tree, context) is False for context in _CONTEXTS)


def can_hold(condition: str) -> bool:
    """Return whether a condition certainly holds on a pull request or on a push to main."""
    tree = _parsed(condition)
    return tree is not None and any(_value(tree, context) is True for context in _CONTEXTS)


def _parsed(condition: str) -> ast.expr | None:
    text = re.sub(r"\$\{\{(.*?)\}\}", r"\1", condition, flags=re.DOTALL).strip()
    text = text.replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"!(?!=)", " not ", text)
    try:
        return ast.parse(" ".join(text.split()), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _value(node: ast.expr, context: dict[str, object]) -> object:
    """Return what a condition is worth, None when unknown."""
    try:
        found = _known(node, context)
    except _UnknownError:
        return None
    return bool(found)


def _known(node: ast.expr, context: dict[str, object]) -> object:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name(id=name) if name in _WORDS:
            return _WORDS[name]
        case ast.Attribute() if (name := ast.unparse(node)) in context:
            return context[name]
        case ast.UnaryOp(op=ast.Not()):
            return not _known(node.operand, context)
        case ast.BoolOp():
            return _bool_op(node, context)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as op], comparators=[right]):
            same = _known(left, context) == _known(right, context)
            return same is isinstance(op, ast.Eq)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(name, [_known(arg, context) for arg in args])
    raise _UnknownError


def _bool_op(node: ast.BoolOp, context: dict[str, object]) -> object:
    values = [_value(value, context) for value in node.values]
    decisive = isinstance(node.op, ast.Or)
    if decisive in values:
        return decisive
    if None in values:
        raise _UnknownError
    return not decisive


def _call(name: str, values: list[object]) -> object:
    if name in _ALWAYS:
        return name in {"always", "success"}
    if name in {"startsWith", "endsWith", "contains"} and len(values) == 2:
        whole, part = str(values[0]), str(values[1])
        return {
            "startsWith": whole.startswith(part),
            "endsWith": whole.endswith(part),
            "contains": part in whole,
        }[name]
    raise _UnknownError
