"""Walk the body of a test and say what it checks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal, NamedTuple

from covgate.source.checks.mocks import is_lookalike
from covgate.source.checks.names import says_smoke
from covgate.source.checks.vacuous import is_always_true, is_void_call
from covgate.source.skips.scopes import DEFINITIONS, FUNCTIONS, constant_truth
from covgate.source.walking import children, statements, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Kind = Literal["check", "void", "swallowed", "skip", "comparison"]
BROAD = {"AssertionError", "Exception", "BaseException"}
ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class Found(NamedTuple):
    """Something that a body does: a real check, or one that proves nothing."""

    kind: Kind
    line: int
    what: str = ""


class Walk:
    """One walk through a function; `judge` says what a call or a name handed on amounts to."""

    def __init__(
        self,
        judge: Callable[[ast.Call], Kind | None],
        refers: Callable[[ast.expr], bool],
        named: Callable[[ast.expr], str] | None = None,
    ) -> None:
        self.judge = judge
        self.refers = refers
        self.named = named or _last
        self.constants: dict[str, object] = {}
        self.parameters: set[str] = set()
        self._whole: ast.FunctionDef | ast.AsyncFunctionDef | None = None
        self._nested: dict[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = {}

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Found]:
        """Return what the body of a function does, nested functions that are used included."""
        for inner in statements(node):
            if isinstance(inner, DEFINITIONS):
                self._nested[inner.name] = inner
        self.parameters = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
        self.constants = _constants(node)
        self._whole = node
        return list(self.block(node.body))

    def block(self, body: Sequence[ast.stmt]) -> Iterator[Found]:
        for statement in body:
            yield from self.statement(statement)
            if isinstance(statement, ENDS):
                return

    def statement(self, node: ast.stmt) -> Iterator[Found]:
        if isinstance(node, ast.Assert):
            void = is_always_true(node.test, self.constants) or self._is_lookalike(node.test)
            yield Found("void" if void else "check", node.lineno)
            if not void:
                return
            yield from self.expression(node.test)
        elif isinstance(node, ast.Raise):
            yield from self._raise(node)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            yield from self._with(node)
        elif isinstance(node, (ast.Try, ast.TryStar)):
            yield from self._try(node)
        elif isinstance(node, (ast.If, ast.While)):
            yield from self._branch(node)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            yield from self.expression(node.iter)
            if constant_truth(node.iter) is not False and not _is_empty_range(node.iter):
                yield from self.block(node.body)
            yield from self.block(node.orelse)
        elif isinstance(node, ast.Match):
            for case in node.cases:
                yield from self.block(case.body)
        elif isinstance(node, DEFINITIONS):
            for decorator in map(_called, node.decorator_list):
                yield from self.expression(decorator)
        elif not (isinstance(node, ast.Expr) and _is_left_lying(node.value)):
            yield from self._simple(node)

    def _is_lookalike(self, test: ast.expr) -> bool:
        return self._whole is not None and is_lookalike(test, self._whole)

    def _simple(self, node: ast.stmt) -> Iterator[Found]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare):
            yield Found("comparison", node.lineno)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from self.expression(child)

    def _branch(self, node: ast.If | ast.While) -> Iterator[Found]:
        truth = constant_truth(node.test)
        yield from self.expression(node.test)
        if truth is not False:
            yield from self.block(node.body)
        if truth is not True:
            yield from self.block(node.orelse)

    def _raise(self, node: ast.Raise) -> Iterator[Found]:
        target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = _last(target) if target is not None else ""
        skips = name == "SkipTest" or (
            isinstance(target, ast.Attribute) and _last(target.value) == "skip"
        )
        yield Found("skip" if skips else "check", node.lineno)

    def expression(self, node: ast.expr) -> Iterator[Found]:
        """Yield what the calls in an expression amount to."""
        todo: list[ast.AST] = [node]
        while todo:
            current = todo.pop()
            if isinstance(current, ast.Call):
                name = _last(current.func)
                if is_void_call(name, current):
                    yield Found("void", current.lineno, name)
                    continue
                kind = self.judge(current)
                if kind is not None:
                    yield Found(kind, current.lineno, name)
            elif isinstance(current, ast.Name) and current.id in self._nested:
                yield from self._used(current.id)
            elif isinstance(current, ast.Name) and current.id == "AssertionError":
                yield Found("check", current.lineno, current.id)  # what a mock raises if called
            elif isinstance(current, (ast.Name, ast.Attribute)) and self.refers(current):
                yield Found("check", current.lineno, _last(current))
            if not isinstance(current, (ast.Constant, ast.Name)):
                todo += children(current)

    def _used(self, name: str) -> Iterator[Found]:
        node = self._nested.pop(name)
        yield from self.block(node.body)
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, FUNCTIONS):
                    yield from self.block(method.body)

    # what takes the sting out of a check

    def _with(self, node: ast.With | ast.AsyncWith) -> Iterator[Found]:
        swallows = False
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Await):
                call = call.value
            name = self.named(call.func) if isinstance(call, ast.Call) else ""
            caught = (
                {_last(a) for a in call.args for a in _elements(a)}
                if isinstance(call, ast.Call)
                else set()
            )
            expects = name in ("raises", "assertRaises") and _asserts(node.body)
            if (name == "suppress" or expects) and caught & BROAD:
                swallows = True
            elif isinstance(call, ast.Name) and call.id in self.parameters:
                yield Found("check", call.lineno, call.id)  # raises(...) as a parameter
            elif isinstance(call, ast.Call) and says_smoke(_last(call.func)):
                yield Found("check", call.lineno, _last(call.func))
            else:
                yield from self.expression(call)
        yield from self._perhaps(self.block(node.body), swallows, node.lineno)

    def _try(self, node: ast.Try | ast.TryStar) -> Iterator[Found]:
        line = 0
        for handler in node.handlers:
            found = list(self.block(handler.body))
            yield from found
            lets_fail = any(f.kind == "check" for f in found) or _exits(handler)
            if _catches_assertions(handler) and not lets_fail and not line:
                line = handler.lineno
            if _catches_assertions(handler) or handler.type is None:
                break
        leaves = [
            s for s in statements(ast.Module(node.finalbody, [])) if isinstance(s, ast.Return)
        ]
        line = line or (leaves[0].lineno if leaves else 0)
        yield from self._perhaps(self.block(node.body), bool(line), line)
        yield from self.block(node.orelse)
        yield from self.block(node.finalbody)

    def _perhaps(self, found: Iterator[Found], swallows: bool, line: int) -> Iterator[Found]:
        for item in found:
            if swallows and item.kind == "check":
                yield Found("swallowed", line, item.what)
            else:
                yield item


def _constants(node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, object]:
    """Return the local names that stand for one constant throughout a function."""
    found: dict[str, object] = {}
    if not any(
        isinstance(s, (ast.Assign, ast.AnnAssign)) and isinstance(s.value, ast.Constant)
        for s in node.body
    ):
        return found
    stored: dict[str, int] = {}
    for inner in walk(node):
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            stored[inner.id] = stored.get(inner.id, 0) + 1
        elif isinstance(inner, (ast.Nonlocal, ast.Global)):
            stored.update(dict.fromkeys(inner.names, 2))
    for statement in node.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        for target in targets:
            value = getattr(statement, "value", None)
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                if stored.get(target.id) == 1:
                    found[target.id] = value.value
    return found


def _is_empty_range(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or _last(node.func) != "range" or len(node.args) != 1:
        return False
    return isinstance(node.args[0], ast.Constant) and node.args[0].value == 0


# How many arguments make these call something; with fewer they only make a context manager.
_CONTEXTS = {
    "raises": 2,
    "warns": 2,
    "deprecated_call": 1,
    "assertRaises": 2,
    "assertWarns": 2,
    "assertRaisesRegex": 3,
    "assertWarnsRegex": 3,
    "assertLogs": 9,
    "assertNoLogs": 9,
}


def _is_left_lying(node: ast.expr) -> bool:
    """Return whether a statement names something that checks without making it check."""
    if isinstance(node, ast.Name):
        return True
    if isinstance(node, ast.Attribute):
        return node.attr.startswith(("assert", "fail"))
    if isinstance(node, ast.Call):
        return len(node.args) < _CONTEXTS.get(_last(node.func), 0) and not any(
            k.arg in ("callable", "callable_obj", "func") for k in node.keywords
        )
    return False


def _exits(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler ends the test by leaving the interpreter, which pytest reports."""
    return any(
        isinstance(s, ast.Expr)
        and isinstance(s.value, ast.Call)
        and _last(s.value.func) in ("exit", "abort")
        for s in handler.body
    )


def _elements(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _catches_assertions(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(_last(element) in BROAD for element in _elements(handler.type))


def _asserts(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(statement, ast.Assert) for statement in body)


def _last(node: ast.expr) -> str:
    """Return the last part of a dotted name, "" when it is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def last_name(node: ast.expr) -> str:
    return _last(node.func if isinstance(node, ast.Call) else node)


def without_docstring(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body without its docstring."""
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    has_docstring = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return list(body[1:] if has_docstring else body)


def is_empty(body: Sequence[ast.stmt]) -> bool:
    """Return whether a body does nothing: only `pass`, `...`, strings and other constants."""
    return all(
        isinstance(statement, (ast.Pass, ast.Global, ast.Nonlocal))
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        or (isinstance(statement, ast.Return) and _is_constant(statement.value))
        for statement in body
    )


def _is_constant(node: ast.expr | None) -> bool:
    return node is None or isinstance(node, ast.Constant)


def _called(decorator: ast.expr) -> ast.expr:
    """Return the call that a decorator amounts to: bare, it is called with the definition."""
    if isinstance(decorator, ast.Call):
        return decorator
    return ast.copy_location(ast.Call(decorator, [], []), decorator)
