"""What an expression of a test module may stand for, as far as it can be told without running."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from covgate.source.modules import Module
    from covgate.source.skips.scopes import Scope


class Place(NamedTuple):
    """Where a value was written."""

    path: str
    line: int
    end_line: int


class Value:
    """Anything; by itself a value that cannot be told."""


UNKNOWN = Value()


@dataclass(frozen=True)
class Const(Value):
    """A literal."""

    value: Any


@dataclass(frozen=True)
class Ref(Value):
    """An object of another project, by its canonical dotted name."""

    name: str


@dataclass(frozen=True, eq=False)
class Arguments:
    """The arguments of a call; `open` when there may be more than can be told."""

    args: tuple[Value, ...] = ()
    kwargs: dict[str, Value] = field(default_factory=dict)
    open: bool = False

    def get(self, position: int, *names: str) -> Value | None:
        """Return an argument by position or one of its names, UNKNOWN if it may be hidden."""
        for name in names:
            if name in self.kwargs:
                return self.kwargs[name]
        if 0 <= position < len(self.args):
            return self.args[position]
        return UNKNOWN if self.open else None

    def merged(self, later: Arguments) -> Arguments:
        return Arguments(
            self.args + later.args, {**self.kwargs, **later.kwargs}, self.open or later.open
        )


@dataclass(frozen=True, eq=False)
class Mark(Value):
    """A pytest mark or unittest decorator, by canonical name, with what it was called with."""

    name: str
    arguments: Arguments
    place: Place
    called: bool = True


@dataclass(frozen=True, eq=False)
class Func(Value):
    """A function or lambda of the project."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    module: Module
    scope: Scope


@dataclass(frozen=True, eq=False)
class Cls(Value):
    """A class of the project."""

    node: ast.ClassDef
    module: Module
    scope: Scope


@dataclass(frozen=True)
class ModuleValue(Value):
    """A module of the project."""

    path: str


@dataclass(frozen=True, eq=False)
class Partial(Value):
    """`functools.partial` of something."""

    func: Value
    arguments: Arguments


@dataclass(frozen=True, eq=False)
class Method(Value):
    """An attribute of a value that matters when called."""

    owner: Value
    name: str


@dataclass(frozen=True, eq=False)
class Seq(Value):
    """A list, tuple or set; `open` when it may hold more."""

    items: tuple[Value, ...]
    open: bool = False


@dataclass(frozen=True, eq=False)
class Map(Value):
    """A dict with constant keys; `open` when it may hold more."""

    items: dict[Any, Value]
    open: bool = False


@dataclass(frozen=True, eq=False)
class Namespace(Map):
    """A `types.SimpleNamespace`: its items are attributes."""


@dataclass(frozen=True, eq=False)
class Instance(Value):
    """An object of a class of the project."""

    cls: Cls


@dataclass(frozen=True, eq=False)
class Param(Value):
    """A `pytest.param`."""

    arguments: Arguments
    place: Place


@dataclass(frozen=True, eq=False)
class Applied(Value):
    """A function or class that marks were applied to by a call."""

    target: Value
    marks: tuple[Mark, ...]


@dataclass(frozen=True, eq=False)
class Union(Value):
    """One of several."""

    options: tuple[Value, ...]


def union(options: list[Value]) -> Value:
    """Return one value for several alternatives."""
    flat: list[Value] = []
    for option in options:
        flat.extend(option.options if isinstance(option, Union) else (option,))
    if not flat:
        return UNKNOWN
    return flat[0] if len(flat) == 1 else Union(tuple(flat))


def alternatives(value: Value) -> tuple[Value, ...]:
    return value.options if isinstance(value, Union) else (value,)


def marks_in(value: Value) -> Iterator[Mark]:
    """Yield the marks that a value holds: itself, in a collection, or one of several."""
    for option in alternatives(value):
        if isinstance(option, Mark):
            yield option
        elif isinstance(option, Seq):
            for item in option.items:
                yield from marks_in(item)
