"""Names, and attributes taken of names, by which a function decides or which it hands on.

A chain is "a.b.c". It ends where something is called or looked up in what it stands for; what is
taken of `self`, of its class or of `super()` starts with "self".
"""

from __future__ import annotations

import ast
from itertools import chain as joined
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BY_NAME = frozenset({"getattr", "hasattr"})
_ITS_CLASS = frozenset({"super", "type"})
_LONGEST = 4


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
            made = frozenset(chains(value))
            for name in names:
                found[name] = found.get(name, frozenset()) | made
    return found


def chains(node: ast.AST) -> Iterator[str]:
    """Yield the chains in a piece of code, those called included."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute | ast.Subscript):
            if isinstance(node.ctx, ast.Load):
                yield from _chain(node, pending)
        elif isinstance(node, ast.Call) and _is_by_name(node):
            last = node.args[1]
            assert isinstance(last, ast.Constant)
            place = ast.Attribute(node.args[0], str(last.value), ast.Load())
            pending += [place, *node.args[2:]]
        else:
            pending += ast.iter_child_nodes(node)


def _chain(node: ast.expr, pending: list[ast.AST]) -> Iterator[str]:
    """Yield the chain that an expression is, if any; what else it holds is put to `pending`."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append("" if node.attr == "__class__" else node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            pending.append(node.slice)
            parts.clear()
            node = node.value
        else:
            break
    if isinstance(node, ast.Name):
        yield ".".join(filter(None, [node.id, *reversed(parts)]))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in _ITS_CLASS and parts:
            yield ".".join(("self", *reversed(parts)))
        else:
            pending.append(node)
    else:
        pending.append(node)


def _is_by_name(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Name)
        and node.func.id in _BY_NAME
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    )


def _bound(target: ast.expr) -> Iterator[ast.Name]:
    if isinstance(target, ast.Name):
        yield target
    elif isinstance(target, ast.Tuple | ast.List):
        yield from joined.from_iterable(map(_bound, target.elts))


def _by_locals(
    parts: Iterable[ast.AST], given: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """Return the chains in some parts of code, by way of local names as well."""
    found: set[str] = set()
    pending = [one for part in parts for one in chains(part)]
    while pending:
        chain = pending.pop()
        if chain in found:
            continue
        found.add(chain)
        name, dot, rest = chain.partition(".")
        for other in given.get(name, ()):
            pending.append(other)
            if dot and other.count(".") + rest.count(".") < _LONGEST:  # `x = x.next` goes on
                pending.append(f"{other}.{rest}")
    return frozenset(found)


def _deciding(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield node.test
    elif isinstance(node, ast.BoolOp):
        yield from node.values[:-1]
    elif isinstance(node, ast.Match):
        yield node.subject
    elif isinstance(node, ast.Try):
        yield from node.body
