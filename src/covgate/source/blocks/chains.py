"""Names, and attributes taken of names, by which a function decides or which it hands on.

A chain is "a.b.c", or "a.b().c" where something is taken of what a call gives. It ends where
something is looked up in what it stands for; what is taken of `self`, of its class or of `super()`
starts with "self".
"""

from __future__ import annotations

import ast
from itertools import chain as joined
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BY_NAME = frozenset({"getattr", "hasattr"})
_ITS_CLASS = frozenset({"super", "type"})
_CHAINED = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)
_LONGEST = 4
_FEW_STEPS = 8
_WHOLE = "="  # before the chain that a local name is another name for


def asked_chains(nodes: Iterable[ast.AST], given: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the chains which decide the way that code goes; `given` is what `locals_of` says."""
    return _by_locals((part for node in nodes for part in _deciding(node)), given)


def handed_chains(nodes: Iterable[ast.AST], given: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the chains whose value the code may return, changed or not."""
    returned = (one.value for one in nodes if isinstance(one, ast.Return) and one.value)
    return _by_locals(returned, given)


def locals_of(nodes: Iterable[ast.AST]) -> Mapping[str, frozenset[str]]:
    """Return the names that code gives a value, with the chains that the value is made from."""
    found: dict[str, frozenset[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            targets: list[ast.expr] = node.targets
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.For | ast.AsyncFor):
            targets = [node.target]
        else:
            continue
        value = node.iter if isinstance(node, ast.For | ast.AsyncFor) else node.value
        names = [one.id for target in targets for one in _bound(target)] if value else ()
        if names and value is not None:
            # What is taken of the name is taken of the value only where the value is one chain.
            is_one = isinstance(value, _CHAINED) and not isinstance(node, ast.For | ast.AsyncFor)
            made = frozenset(chains(value)) | frozenset(
                [_WHOLE + _path(value, [])] if is_one else []
            )
            for name in names:
                found[name] = found.get(name, frozenset()) | made
    return found


def chains(node: ast.AST) -> Iterator[str]:
    """Yield the chains in a piece of code, with "()" at the end of one that is called."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, _CHAINED):
            if isinstance(node, ast.Call) or isinstance(node.ctx, ast.Load):
                found = _path(node, pending)
                if found:
                    yield found.removesuffix("[]")
        else:
            pending += ast.iter_child_nodes(node)


def _path(node: ast.expr, pending: list[ast.AST]) -> str:
    """Return the chain that an expression is, or ""; what else it holds is put to `pending`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        found = _path(node.value, pending)
        is_end = not found or found.endswith("[]") or node.attr == "__class__"
        return found if is_end else f"{found}.{node.attr}"
    if isinstance(node, ast.Subscript):
        pending.append(node.slice)
        found = _path(node.value, pending)
        return found if not found or found.endswith("[]") else f"{found}[]"
    if not isinstance(node, ast.Call):
        pending.append(node)
        return ""
    if isinstance(node.func, ast.Name) and node.func.id in _ITS_CLASS and len(node.args) < 2:
        return "self"
    if _is_by_name(node):
        pending += node.args[2:]
        found, last = _path(node.args[0], pending), node.args[1]
        assert isinstance(last, ast.Constant)
        assert isinstance(last.value, str)
        return f"{found}.{last.value}" if found and not found.endswith("[]") else found
    pending += (*node.args, *(one.value for one in node.keywords))
    found = _path(node.func, pending)
    return found if not found or found.endswith("[]") else f"{found}()"


def _is_by_name(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Name)
        and node.func.id in _BY_NAME
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    )


def _bound(target: ast.expr) -> Iterator[ast.Name]:
    if isinstance(target, ast.Name):
        yield target
    elif isinstance(target, ast.Tuple | ast.List):
        yield from joined.from_iterable(map(_bound, target.elts))


def _by_locals(parts: Iterable[ast.AST], given: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the chains in some parts of code, by way of local names as well."""
    found: set[str] = set()
    within = _longest_within(given)
    pending = [one for part in parts for one in chains(part)]
    while pending:
        chain = pending.pop()
        if chain in found:
            continue
        found.add(chain)
        name, dot, rest = chain.partition(".")
        for other in given.get(name.removesuffix("()"), ()):
            whole = other.removeprefix(_WHOLE)
            if whole == other:
                pending.append(other)
            elif whole.endswith("[]"):
                pending.append(whole[:-2])
            elif other.count(".") + rest.count(".") < (
                within if _root(whole) in given else _LONGEST  # `x = x.next` goes on
            ):
                call = "()" * name.endswith("()")
                pending.append(f"{whole}{call}{dot}{rest}")
    return frozenset(found)


def _longest_within(given: Mapping[str, frozenset[str]]) -> int:
    """Return how long chains get that lead from local names to local names.

    There are as many of them as attributes taken on the way, to the power of their length.
    """
    steps = {one for values in given.values() for one in values if one[0] == _WHOLE}
    count = sum(_root(one.removeprefix(_WHOLE)) in given for one in steps)
    return _LONGEST if count <= _FEW_STEPS else _LONGEST // 2


def _root(chain: str) -> str:
    return chain.partition(".")[0].removesuffix("()")


def _deciding(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield node.test
    elif isinstance(node, ast.BoolOp):
        yield from node.values[:-1]
    elif isinstance(node, ast.comprehension):
        yield from node.ifs
    elif isinstance(node, ast.Match):
        yield node.subject
    elif isinstance(node, ast.Try):
        yield from node.body
