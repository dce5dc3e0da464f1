"""Marks that a function of the project leaves on a class or function that it is given."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.skips.external import DECORATORS
from covgate.source.skips.scopes import DEFINITIONS
from covgate.source.skips.values import (
    Applied,
    Arguments,
    Cls,
    Const,
    Func,
    Mark,
    Place,
    Ref,
    Seq,
    Value,
    alternatives,
)
from covgate.source.walking import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.source.skips.evaluate import Evaluator
    from covgate.source.skips.scopes import Position, Scope

_NAMES = ("pytestmark", "__unittest_skip__", "__unittest_skip_why__")


def left_on(evaluator: Evaluator, func: Func, scope: Scope) -> list[Applied]:
    """Return what the body of `func` leaves on its arguments, `scope` knowing these."""
    data = func.module.data
    if isinstance(func.node, ast.Lambda) or not (b"pytestmark" in data or b"_skip__" in data):
        return []
    marks: dict[int, tuple[Value, list[Mark]]] = {}
    reasons: dict[int, Value] = {}
    skipped: dict[int, Mark] = {}
    for owner, name, value, at in _attributes(func.node, evaluator, scope):
        target = evaluator.evaluate(owner, scope, at)
        if not isinstance(target, (Func, Cls, Applied)):
            continue
        target = target.target if isinstance(target, Applied) else target
        found = evaluator.evaluate(value, scope, at)
        place = evaluator.place(value, scope)
        given = marks.setdefault(id(target), (target, []))[1]
        if name == "pytestmark":
            given += _marks(found, place)
        elif name == "__unittest_skip_why__":
            reasons[id(target)] = found
        elif isinstance(found, Const) and found.value:
            skipped[id(target)] = Mark("unittest.skip", Arguments(), place)
    for key, mark in skipped.items():
        why = (reasons[key],) if key in reasons else ()
        marks[key][1].append(Mark(mark.name, Arguments(why), mark.place))
    return [Applied(target, tuple(given)) for target, given in marks.values() if given]


def with_effects(returned: list[Value], effects: list[Applied]) -> list[Value]:
    """Return what a call gives, with the marks that it leaves on what it was given."""
    if not effects:
        return returned
    targets = {id(effect.target) for effect in effects}
    return [*effects, *(value for value in returned if id(value) not in targets)]


def _attributes(
    node: ast.FunctionDef | ast.AsyncFunctionDef, evaluator: Evaluator, scope: Scope
) -> Iterator[tuple[ast.expr, str, ast.expr, Position]]:
    """Yield the attributes that a function sets: (owner, name, value, where)."""
    inner = {s for d in statements(node) if isinstance(d, DEFINITIONS) for s in statements(d)}
    ordered = sorted(set(statements(node)) - inner, key=lambda s: (s.lineno, s.col_offset))
    for statement in ordered:
        at = (statement.lineno, statement.col_offset)
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Attribute) and target.attr in _NAMES:
                    yield target.value, target.attr, statement.value, at
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            value = evaluator.evaluate(call.func, scope, at)
            if value != Ref("builtins.setattr") or len(call.args) != 3:
                continue
            name = evaluator.evaluate(call.args[1], scope, at)
            if isinstance(name, Const) and name.value in _NAMES:
                yield call.args[0], str(name.value), call.args[2], at


def _marks(value: Value, place: Place) -> list[Mark]:
    found: list[Mark] = []
    for option in alternatives(value):
        if isinstance(option, Seq):
            found += [mark for item in option.items for mark in _marks(item, place)]
        elif isinstance(option, Mark):
            found.append(option)
        elif isinstance(option, Ref) and option.name in DECORATORS:
            found.append(Mark(option.name, Arguments(), place, called=False))
    return found
