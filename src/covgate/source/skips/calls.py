"""What calling a value gives: marks, params, partials, the project's own functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.skips.effects import left_on, with_effects
from covgate.source.skips.external import DECORATORS
from covgate.source.skips.scopes import FUNCTIONS, Scope, constant_truth
from covgate.source.skips.strings import UNFOLDING, joined, text_method, unfolded
from covgate.source.skips.values import (
    UNKNOWN,
    Applied,
    Arguments,
    Cls,
    Const,
    Func,
    Instance,
    Map,
    Mark,
    Method,
    Namespace,
    Param,
    Partial,
    Place,
    Ref,
    Seq,
    Union,
    Value,
    alternatives,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.source.skips.evaluate import Evaluator
    from covgate.source.skips.scopes import Definition


def truth(value: Value) -> bool | None:
    """Return whether a value is true, None when that cannot be told."""
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Seq) and not value.open:
        return bool(value.items)
    if isinstance(value, (Mark, Func, Cls, Applied)):
        return True
    if isinstance(value, Union):
        truths = {truth(option) for option in value.options}
        return truths.pop() if len(truths) == 1 else None
    return None


def add(left: Value, right: Value) -> Value:
    """Return `left + right`."""
    if isinstance(left, Union) or isinstance(right, Union):
        return union([add(a, b) for a in alternatives(left) for b in alternatives(right)][:8])
    if isinstance(left, Const) and isinstance(right, Const):
        both_text = isinstance(left.value, str) and isinstance(right.value, str)
        return joined([left, right]) if both_text else UNKNOWN
    sequences = [side for side in (left, right) if isinstance(side, Seq)]
    if sequences:
        items = tuple(item for side in sequences for item in side.items)
        return Seq(items, len(sequences) < 2 or any(side.open for side in sequences))
    return UNKNOWN


def item(owner: Value, key: Value) -> Value:
    """Return `owner[key]`."""
    if isinstance(owner, Map):
        if isinstance(key, Const):
            return owner.items.get(key.value, UNKNOWN)
        return union([*owner.items.values()])
    if not (isinstance(owner, Seq) and isinstance(key, Const) and isinstance(key.value, int)):
        return UNKNOWN
    if -len(owner.items) <= key.value < len(owner.items):
        return owner.items[key.value]
    return UNKNOWN


def is_callable(value: Value) -> bool:
    return isinstance(value, (Func, Cls, Applied))


def as_mark(value: Value, place: Place) -> Mark | None:
    """Return the mark that a value is when used bare, as in `@pytest.mark.skip`."""
    if isinstance(value, Mark):
        return value
    if isinstance(value, Ref) and value.name in DECORATORS:
        return Mark(value.name, Arguments(), place, called=False)
    return None


def call(evaluator: Evaluator, func: Value, arguments: Arguments, place: Place) -> Value:
    """Return what `func(*arguments)` gives, UNKNOWN when that cannot be told."""
    if isinstance(func, Union):
        return union([call(evaluator, option, arguments, place) for option in func.options])
    if isinstance(func, Ref):
        return _external(evaluator, func, arguments, place)
    if isinstance(func, Mark):
        return _remark(func, arguments, place)
    if isinstance(func, Partial):
        return evaluator.call(func.func, func.arguments.merged(arguments), place)
    if isinstance(func, Func):
        return _project_function(evaluator, func, arguments)
    if isinstance(func, Method):
        return _method(func, arguments, place)
    if isinstance(func, Cls):
        return Instance(func)
    if isinstance(func, Instance):
        method = evaluator.member(func, "__call__")
        return UNKNOWN if method is UNKNOWN else evaluator.call(method, arguments, place)
    return UNKNOWN


def _external(evaluator: Evaluator, func: Ref, arguments: Arguments, place: Place) -> Value:
    name = func.name
    if name.startswith("pytest.mark.") and name.endswith(".with_args"):
        return Mark(name.removesuffix(".with_args"), arguments, place)
    if name.startswith("pytest.mark.") or name in DECORATORS:
        return _remark(Mark(name, Arguments(), place), arguments, place)
    if name == "pytest.param":
        return Param(arguments, place)
    if name in ("functools.partial", "functools.partialmethod") and arguments.args:
        rest = Arguments(arguments.args[1:], arguments.kwargs, arguments.open)
        return Partial(arguments.args[0], rest)
    if name.startswith("functools.wraps"):
        return UNKNOWN
    return _builtin(evaluator, name, arguments)


def _builtin(evaluator: Evaluator, name: str, arguments: Arguments) -> Value:
    first = arguments.args[0] if arguments.args else None
    if name == "builtins.getattr" and len(arguments.args) >= 2:
        attribute = arguments.args[1]
        if isinstance(attribute, Const) and isinstance(attribute.value, str):
            return evaluator.member(arguments.args[0], attribute.value)
    if name in UNFOLDING and isinstance(first, Const) and isinstance(first.value, str):
        return unfolded(name, first.value)
    if name == "types.SimpleNamespace" and not arguments.args:
        return Namespace(dict(arguments.kwargs), arguments.open)
    if name == "builtins.str":
        if first is None:
            return Const("") if not arguments.open else UNKNOWN
        return Const(str(first.value)) if isinstance(first, Const) else UNKNOWN
    if name == "builtins.dict" and not arguments.args:
        return Map(dict(arguments.kwargs), arguments.open)
    if name in ("builtins.list", "builtins.tuple"):
        return Seq(()) if first is None else first
    if name == "builtins.bool" and first is not None:
        known = truth(first)
        return UNKNOWN if known is None else Const(known)
    return UNKNOWN


def _remark(mark: Mark, arguments: Arguments, place: Place) -> Value:
    """Call a mark: with one function it is applied, otherwise the arguments add up."""
    lone = len(arguments.args) == 1 and not arguments.kwargs
    if lone and is_callable(arguments.args[0]):
        target = arguments.args[0]
        older = target.marks if isinstance(target, Applied) else ()
        return Applied(target, (*older, mark))
    if mark.name == "unittest.expectedFailure":
        return mark
    return Mark(mark.name, mark.arguments.merged(arguments), place)


def _method(func: Method, arguments: Arguments, place: Place) -> Value:
    owner = func.owner
    if isinstance(owner, Mark):
        if func.name == "with_args":
            return Mark(owner.name, owner.arguments.merged(arguments), place)
        return UNKNOWN
    if isinstance(owner, Map) and func.name == "get" and arguments.args:
        return _got(owner, arguments)
    if isinstance(owner, Const) and isinstance(owner.value, str):
        named = arguments.kwargs
        known = {k: v.value for k, v in named.items() if isinstance(v, Const)}
        if len(known) < len(named) or (known and func.name != "format"):
            return UNKNOWN
        return text_method(owner.value, func.name, _constants(arguments), known)
    return UNKNOWN


def _got(owner: Map, arguments: Arguments) -> Value:
    """Return what `mapping.get(...)` gives."""
    key = arguments.args[0]
    if not isinstance(key, Const) or key.value in owner.items:
        return item(owner, key)
    if owner.open or arguments.open:
        return UNKNOWN
    return arguments.args[1] if len(arguments.args) > 1 else Const(None)


def _constants(arguments: Arguments) -> list[object] | None:
    found: list[object] = []
    for value in arguments.args:
        if isinstance(value, Const):
            found.append(value.value)
        elif isinstance(value, Seq) and not value.open:
            inner = [part.value for part in value.items if isinstance(part, Const)]
            if len(inner) != len(value.items):
                return None
            found.append(tuple(inner))
        else:
            return None
    return None if arguments.open else found


def bind(evaluator: Evaluator, func: Func, arguments: Arguments) -> dict[str, Value]:
    """Return what each parameter of `func` is given; defaults included, UNKNOWN when hidden."""
    spec = func.node.args
    names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    given: dict[str, Value] = {}
    for name, default in zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True):
        given[name] = evaluator.evaluate(default, func.scope, _before(func))
    for keyword, optional in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if optional is not None:
            given[keyword.arg] = evaluator.evaluate(optional, func.scope, _before(func))
    if arguments.open:
        given = dict.fromkeys([*names, *(a.arg for a in spec.kwonlyargs)], UNKNOWN)
    given.update(zip(names, arguments.args, strict=False))
    known = {*names, *(argument.arg for argument in spec.kwonlyargs)}
    given.update({k: v for k, v in arguments.kwargs.items() if k in known})
    if spec.vararg:
        given[spec.vararg.arg] = Seq(arguments.args[len(names) :], arguments.open)
    if spec.kwarg:
        extra = {k: v for k, v in arguments.kwargs.items() if k not in known}
        given[spec.kwarg.arg] = Map(dict(extra), arguments.open)
    for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        given.setdefault(argument.arg, UNKNOWN)
    return given


def _before(func: Func) -> tuple[int, int]:
    return (func.node.lineno, func.node.col_offset)


def _project_function(evaluator: Evaluator, func: Func, arguments: Arguments) -> Value:
    scope = Scope(func.module, func.node, func.scope, bind(evaluator, func, arguments))
    if isinstance(func.node, ast.Lambda):
        return evaluator.evaluate(func.node.body, scope)
    if any(_is_fixture(decorator) for decorator in func.node.decorator_list):
        return UNKNOWN
    found = [
        evaluator.evaluate(node.value, scope, (node.lineno, node.col_offset))
        for node in _returns(func.node.body)
        if node.value is not None
    ]
    return union(with_effects(found, left_on(evaluator, func, scope)))


def decorators(func: Func) -> set[str]:
    """Return the last names of a function's decorators."""
    return set() if isinstance(func.node, ast.Lambda) else decorator_names(func.node)


def decorator_names(definition: Definition) -> set[str]:
    """Return the last names of the decorators of a function or class."""
    nodes = definition.decorator_list
    called = (node.func if isinstance(node, ast.Call) else node for node in nodes)
    return {n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in called}


def _is_fixture(decorator: ast.expr) -> bool:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in ("fixture", "contextmanager", "property")


def _returns(body: list[ast.stmt]) -> Iterator[ast.Return]:
    """Yield the return statements that can be reached, without those of nested functions."""
    for statement in body:
        if isinstance(statement, ast.Return):
            yield statement
            return
        if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
            continue
        if isinstance(statement, ast.If):
            known = constant_truth(statement.test)
            if known is not False:
                yield from _returns(statement.body)
            if known is not True:
                yield from _returns(statement.orelse)
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _returns(getattr(statement, name, []))
        for handler in getattr(statement, "handlers", ()):
            yield from _returns(handler.body)
