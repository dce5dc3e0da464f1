"""The values that a test function is parametrized with, by the ids that pytest gives to them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from covgate.source.blocks.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Ids of which no version of pytest makes anything else.
_PLAIN = re.compile(r"[A-Za-z0-9_.+ /=<>,;!?-]+")


def parameters(old: bytes, new: bytes, name: str) -> tuple[dict[str, str], dict[str, str]] | None:
    """Return the parameters of a function of a module before and after, by id.

    None when it is not all that differs about the function, its body apart, or when the text does
    not tell the ids. One decorator must list the values, and they must be literals.
    """
    try:
        before, after = _found(old, name), _found(new, name)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if before is None or after is None or before[0] != after[0]:
        return None
    return before[1], after[1]


def _found(source: bytes, name: str) -> tuple[str, dict[str, str]] | None:
    """Return the rest of a function, and its parameters."""
    tree = ast.parse(source)
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    ]
    if len(functions) != 1 or functions[0] not in tree.body:
        return None
    (node,) = functions
    listing = [one for one in node.decorator_list if "parametrize" in ast.dump(one)]
    if len(listing) != 1 or not _is_listing(listing[0]):
        return None
    (call,) = listing
    assert isinstance(call, ast.Call)
    values = call.args[1]
    assert isinstance(values, ast.List | ast.Tuple)
    ids = [*_ids(_names(call.args[0]), values.elts)]
    if None in ids or len(set(ids)) != len(ids):
        return None
    found = {str(one): ast.dump(value) for one, value in zip(ids, values.elts, strict=True)}
    values.elts = []
    node.body = [ast.Pass()]
    return ast.dump(node), found


def _is_listing(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and dotted(node.func) in ("pytest.mark.parametrize", "mark.parametrize")
        and len(node.args) == 2
        and isinstance(node.args[1], ast.List | ast.Tuple)
        and not any(keyword.arg in ("ids", None) for keyword in node.keywords)
        and bool(_names(node.args[0]))
    )


def _names(node: ast.expr) -> list[str]:
    """Return the names of the arguments, [] when they are not told."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [name.strip() for name in node.value.split(",") if name.strip()]
    if isinstance(node, ast.List | ast.Tuple):
        found = [one.value for one in node.elts if isinstance(one, ast.Constant)]
        texts = [one for one in found if isinstance(one, str)]
        return texts if len(texts) == len(node.elts) else []
    return []


def _ids(names: Sequence[str], values: Sequence[ast.expr]) -> Iterator[str | None]:
    for index, value in enumerate(values):
        yield _id(names, value, index)


def _id(names: Sequence[str], value: ast.expr, index: int) -> str | None:
    if isinstance(value, ast.Call):
        if dotted(value.func) != "pytest.param" or len(value.args) != len(names):
            return None
        if not all(keyword.arg in ("id", "marks") for keyword in value.keywords):
            return None
        given = [keyword.value for keyword in value.keywords if keyword.arg == "id"]
        if given:
            return _text_id(given[0])
        parts = value.args
    elif len(names) == 1:
        parts = [value]
    elif isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(names):
        parts = value.elts
    else:
        return None
    ids = [_part(name, part, index) for name, part in zip(names, parts, strict=True)]
    texts = [one for one in ids if one is not None]
    return "-".join(texts) if len(texts) == len(ids) else None


def _text_id(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if _PLAIN.fullmatch(node.value) else None
    return None


def _part(name: str, node: ast.expr, index: int) -> str | None:
    """Return what one argument adds to the id, None when that is not certain."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _part(name, node.operand, index)
        is_number = isinstance(node.operand, ast.Constant) and _is_number(node.operand.value)
        return f"-{inner}" if inner is not None and is_number else None
    if isinstance(node, ast.Constant):
        if node.value is None or isinstance(node.value, bool) or _is_number(node.value):
            return str(node.value)
        return _text_id(node)
    if isinstance(node, ast.List | ast.Tuple | ast.Dict | ast.Set) and _is_literal(node):
        return f"{name}{index}"
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_literal(node: ast.expr) -> bool:
    kinds = (
        ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Constant, ast.UnaryOp, ast.unaryop,
        ast.expr_context,
    )  # fmt: skip
    return all(isinstance(part, kinds) for part in ast.walk(node))
