"""Where a function decides by something that outlives a call: there, or to be computed."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.calls import Calls
from covgate.source.blocks.changes import changed_names
from covgate.source.blocks.containers import containers, never_fails
from covgate.source.blocks.elsewhere import doors
from covgate.source.blocks.scopes import Function, dotted, local_names
from covgate.source.blocks.state import answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.If, ast.While)
_ITERATING = (ast.For, ast.AsyncFor)
_OBJECTS = frozenset({"self", "cls", "__class__"})
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
# Methods that take what they are given, whatever there is already.
_TAKING = frozenset(
    {"append", "appendleft", "add", "extend", "update", "insert", "put", "write", "writelines"}
)
# What counts higher than this may be more than a few callers come to.
_MANY_TIMES = 10
# Functions that call each other: beyond, nobody looks.
_DEEPEST = 100


class Question(NamedTuple):
    """Lines `first` to `last` decide; `ways` are the first lines of what may come after.

    Where that is decided inside of one statement, `called` are the first lines of the functions
    of the file that it may come to call. `keyed`: each who asks may ask for something else, as for
    the item of a key; else all ask for the same.
    """

    first: int
    last: int
    ways: tuple[int, ...]
    called: tuple[int, ...] = ()
    keyed: bool = False


@lru_cache(maxsize=64)  # asked before the tests run, and again when they have
def questions_of(text: bytes) -> Questions:
    """Return the questions of a file."""
    return Questions(text)


class Questions:
    """The functions of a file, which are looked at when they are asked about."""

    def __init__(self, text: bytes) -> None:
        self._functions: dict[int, list[Function]] = defaultdict(list)
        self._named: dict[str, list[Function]] = defaultdict(list)
        self._changed: dict[tuple[Function, bool], frozenset[str]] = {}
        self._telling: dict[Function, bool] = {}
        try:
            self._tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            self._tree = ast.Module([], [])
        for node in ast.walk(self._tree):
            if isinstance(node, _FUNCTIONS):
                self._functions[node.lineno].append(node)
                self._named[node.name].append(node)

    def of(
        self, line: int, confined: str = "", told: frozenset[str] = frozenset()
    ) -> tuple[Question, ...]:
        """Return the questions in the functions whose `def` is on a line.

        What objects of the class `confined` keep for themselves outlives no call; by `told`
        functions of other files answer. There are none in a file that can't be parsed.
        """
        apart = {
            method
            for node in self._tree.body
            if isinstance(node, ast.ClassDef) and node.name == confined
            for method in node.body
        }
        return tuple(
            question
            for function in self._functions.get(line, ())
            for question in self._questions(function, self._kept(function, apart) | told)
        )

    def _questions(self, function: Function, kept: frozenset[str]) -> Iterator[Question]:
        kept, keyed = _derived(function, kept)
        known = _Known(kept, keyed, self._containers if kept else frozenset())
        for node in ast.walk(function) if kept else ():
            for block in _blocks(node):
                for place, statement in enumerate(block):
                    after = block[place + 1].lineno if place + 1 < len(block) else None
                    yield from _asked(statement, known, after)
                    called = self._calls.decided(
                        statement, function, lambda one: _mentions(one, kept)
                    )
                    if called:
                        last = statement.end_lineno or statement.lineno
                        yield Question(statement.lineno, last, (), called, keyed=True)

    def _kept(self, function: Function, apart: Set[ast.AST]) -> frozenset[str]:
        """Return the names that a function changes, or another one of the file that it calls."""
        found = self._changed_by(function, apart)
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                name = (dotted(node.func) or "").split(".")
                if len(name) == 1 or (len(name) == 2 and name[0] in ("self", "cls")):
                    for called in self._named.get(name[-1], ()):
                        found |= self._changed_by(called, apart)
                        if len(name) == 1 and self._tells(called):
                            found |= {called.name}
        return found

    def _tells(self, function: Function, depth: int = 0) -> bool:
        """Whether the answer of a function may come from what functions of the file change."""
        if depth > _DEEPEST:
            return True
        if function not in self._telling:
            self._telling[function] = False  # while it is asked, it may call itself
            own = local_names(function)
            self._telling[function] = bool(answers([*ast.walk(function)])) and any(
                isinstance(node, ast.Name)
                and node.id not in own
                and (
                    node.id in self._globals
                    or any(self._tells(one, depth + 1) for one in self._plain(node.id))
                )
                for node in ast.walk(function)
            )
        return self._telling[function]

    def _plain(self, name: str) -> Sequence[Function]:
        return [one for one in self._named.get(name, ()) if one in self._tree.body]

    @cached_property
    def _globals(self) -> frozenset[str]:
        """The names of what outlives calls and is changed by functions."""
        every = (one for some in self._functions.values() for one in some)
        return frozenset(name for one in every for name in changed_names(one, of_self=False))

    @cached_property
    def _containers(self) -> frozenset[str]:
        return containers(self._tree)

    @cached_property
    def _calls(self) -> Calls:
        return Calls(self._tree, [one for some in self._functions.values() for one in some])

    def _changed_by(self, function: Function, apart: Set[ast.AST]) -> frozenset[str]:
        key = function, function in apart
        if key not in self._changed:
            self._changed[key] = changed_names(function, of_self=function not in apart)
        return self._changed[key]


class _Known(NamedTuple):
    """The names of what is remembered, those by which one asks, and those of containers."""

    kept: frozenset[str]
    keyed: frozenset[str]
    containers: frozenset[str]


def _asked(statement: ast.stmt, known: _Known, after: int | None) -> Iterator[Question]:
    kept, keyed, _ = known
    if isinstance(statement, _LOOPS + _ITERATING):
        asked = statement.test if isinstance(statement, _LOOPS) else statement.iter
        if _mentions(asked, kept):
            other = statement.orelse[0].lineno if statement.orelse else after
            ways = (statement.body[0].lineno, *(() if other is None else (other,)))
            last = asked.end_lineno or statement.lineno
            yield Question(statement.lineno, last, ways, keyed=_is_keyed(asked, kept, keyed))
    elif isinstance(statement, ast.Try):
        caught = [handler.body[0].lineno for handler in statement.handlers]
        past = statement.orelse[0].lineno if statement.orelse else None
        if caught:
            yield from _risked(statement.body, known, caught, past)
    elif isinstance(statement, ast.With) and after is not None:
        if any("suppress" in ast.dump(item.context_expr) for item in statement.items):
            yield from _risked(statement.body, known, [after], None)
    elif isinstance(statement, ast.Match) and _mentions(statement.subject, kept):
        ways = tuple(case.body[0].lineno for case in statement.cases)
        last = statement.subject.end_lineno or statement.lineno
        asks_for_one = _is_keyed(statement.subject, kept, keyed)
        yield Question(statement.lineno, last, ways, keyed=asks_for_one)


def _risked(
    body: Sequence[ast.stmt], known: _Known, caught: Sequence[int], past: int | None
) -> Iterator[Question]:
    """Yield what statements ask that may raise: to be caught, or to go on."""
    kept, keyed, containers = known
    for place, part in enumerate(body):
        if not _mentions(part, kept) or _clears_variable(part):
            continue
        if never_fails(part, containers, lambda one: _mentions(one, kept)):
            continue
        following = body[place + 1].lineno if place + 1 < len(body) else past
        ways = (*caught, *(() if following is None else (following,)))
        last = part.end_lineno or part.lineno
        yield Question(part.lineno, last, ways, keyed=_asks_for_one(part, kept, keyed))


def _clears_variable(statement: ast.stmt) -> bool:
    """Whether a variable of the environment is removed: those are no memory of the project's."""
    return isinstance(statement, ast.Delete) and all(
        isinstance(one, ast.Subscript) and dotted(one.value) in ("os.environ", "environ")
        for one in statement.targets
    )


def _blocks(node: ast.AST) -> Iterator[Sequence[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _derived(function: Function, kept: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return `kept` with the local names that are computed from it.

    And the local names by which one may ask for something else than another.
    """
    found, keyed = set(kept), set[str]()
    given = local_names(function) - {"self", "cls", *doors(ast.walk(function)).names}
    pairs = [
        (target, node.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    loops = (node for node in ast.walk(function) if isinstance(node, _ITERATING))
    pairs.extend((node.target, node.iter) for node in loops)
    before = -1
    while before != len(found) + len(keyed):
        before = len(found) + len(keyed)
        for target, value in pairs:
            if _mentions(value, found):
                names = {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}
                if _is_keyed(value, found, keyed | (given - found)):
                    keyed |= names
                found |= names
    return frozenset(found) - {"self", "cls"}, frozenset(keyed | (given - found))


def _is_keyed(node: ast.AST, kept: Set[str], keyed: Set[str]) -> bool:
    """Whether one may ask for something else than another, or for more than there was."""
    return (
        any(isinstance(part, ast.Name) and part.id in keyed for part in ast.walk(node))
        or any(_measures(part, kept) for part in ast.walk(node))
        or _asks_for_one(node, kept, keyed)
    )


def _asks_for_one(node: ast.AST, kept: Set[str], keyed: Set[str]) -> bool:
    """Whether an item of what is kept is looked up that may be another one for another."""
    return any(
        (isinstance(part, ast.Name) and (part.id in keyed or part.id in _OBJECTS))
        or isinstance(part, ast.Call)
        or (isinstance(part, ast.Attribute) and not part.attr.isupper())
        for each in ast.walk(node)
        for key in _keys(each, kept)
        for part in ast.walk(key)
    )


def _keys(node: ast.AST, kept: Set[str]) -> Iterator[ast.AST]:
    """Yield what says which item of what is kept an expression asks for."""
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Store):
        if _mentions(node.value, kept):
            yield node.slice
    elif isinstance(node, ast.Call):
        given = [*node.args, *(one.value for one in node.keywords)]
        is_taken = isinstance(node.func, ast.Attribute) and node.func.attr in _TAKING
        if not is_taken and any(_mentions(one, kept) for one in (node.func, *given)):
            yield from (one for one in given if not _mentions(one, kept))
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        asked = [one for one in sides if _mentions(one, kept)]
        is_in = any(isinstance(one, ast.In | ast.NotIn) for one in node.ops)
        # What an object keeps, beside what else it has, is the same for all who ask it.
        if asked and (is_in or not any(map(_is_of_self, asked))):
            yield from (one for one in sides if one not in asked)


def _measures(node: ast.AST, kept: Set[str]) -> bool:
    """Whether a number is compared that those who asked may not have come to."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod) and not isinstance(node.left, ast.Constant)
    if not isinstance(node, ast.Compare):
        return False
    orders = any(isinstance(one, _ORDERS) for one in node.ops)
    return any(
        one.value.__class__ in (int, float) and one.value >= _MANY_TIMES
        if isinstance(one, ast.Constant)
        else orders and isinstance(one, ast.Name | ast.Attribute) and not _mentions(one, kept)
        for one in (node.left, *node.comparators)
    )


def _is_of_self(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "self" for part in ast.walk(node))


def _mentions(node: ast.AST, names: Set[str]) -> bool:
    parts = [*ast.walk(node)]
    functions = {id(part.func) for part in parts if isinstance(part, ast.Call) and _is_std(part)}
    for part in parts:
        if isinstance(part, ast.Name) and part.id in names:
            return True
        if isinstance(part, ast.Attribute) and part.attr in names and id(part) not in functions:
            return True
        if isinstance(part, ast.Constant) and part.value in names:  # getattr(self, "_name", None)
            return True
    return False


def _is_std(call: ast.Call) -> bool:
    """Whether a function of the standard library is called by the name of its module."""
    root = (dotted(call.func) or "").partition(".")[0]
    return isinstance(call.func, ast.Attribute) and root in sys.stdlib_module_names
