"""The tests that a module defines, and which of them pytest never collects."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.skips.calls import decorator_names
from covgate.source.skips.classes import ancestry, class_kind
from covgate.source.skips.scopes import DEFINITIONS, FUNCTIONS, Scope, constant_truth
from covgate.source.skips.values import Applied, Cls, Const, Func
from covgate.source.testconfig import matches_name
from covgate.source.walking import statements, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from covgate.source.modules import Module
    from covgate.source.skips.evaluate import Evaluator
    from covgate.source.testconfig import TestConfig

Function = ast.FunctionDef | ast.AsyncFunctionDef
_REDEFINING = {"overload", "setter", "getter", "deleter", "register", "singledispatch"}


class Dead(NamedTuple):
    """Why a test is not collected, and the lines that make it so."""

    kind: str
    line: int
    end_line: int
    what: str


class TestFunction(NamedTuple):
    """One test function or method; `dead` when pytest does not collect it."""

    name: str
    node: Function
    scope: Scope
    cls: Cls | None
    dead: Dead | None = None

    @property
    def short(self) -> str:
        return self.node.name


class _Place(NamedTuple):
    scope: Scope
    prefix: str
    dead: Dead | None
    cls: Cls | None = None


def inventory(evaluator: Evaluator, module: Module, config: TestConfig) -> list[TestFunction]:
    """Return all test functions and methods of a module, dead ones included."""
    collector = _Collector(evaluator, module, config)
    scope = evaluator.module_scope(module)
    off = _switched_off(scope, "the module")
    tests = collector.body(module.tree.body, _Place(scope, "", off))
    return list(_revived(evaluator, module, scope, list(tests)))


def _switched_off(scope: Scope, what: str) -> Dead | None:
    bindings = scope.bindings.get("__test__")
    if not bindings:
        return None
    node = bindings[-1].node
    if isinstance(node, ast.Constant) and not node.value:
        line = bindings[-1].position[0]
        return Dead("dunder-test", line, line, f"__test__ = False takes {what} out of collection")
    return None


class _Collector:
    def __init__(self, evaluator: Evaluator, module: Module, config: TestConfig) -> None:
        self.evaluator = evaluator
        self.module = module
        self.config = config

    def body(self, body: Sequence[ast.stmt], place: _Place) -> Iterator[TestFunction]:
        latest: dict[str, ast.stmt] = {}
        for node in body:
            if isinstance(node, DEFINITIONS):
                latest[node.name] = node
        for node in body:
            yield from self.statement(node, place, latest)

    def statement(
        self, node: ast.stmt, place: _Place, latest: dict[str, ast.stmt]
    ) -> Iterator[TestFunction]:
        if isinstance(node, FUNCTIONS):
            yield from self.function(node, place, latest.get(node.name))
        elif isinstance(node, ast.ClassDef):
            yield from self.cls(node, place, latest.get(node.name))
        elif isinstance(node, (ast.If, ast.While)):
            truth = constant_truth(node.test)
            off = Dead("if-false", node.lineno, node.lineno, "the condition is never true")
            dead = place._replace(dead=place.dead or off)
            yield from self.body(node.body, dead if truth is False else place)
            yield from self.body(node.orelse, dead if truth is True else place)
        elif isinstance(node, (ast.With, ast.For, ast.Try, ast.TryStar)):
            yield from self.body(node.body, place)
            for handler in getattr(node, "handlers", ()):
                yield from self.body(handler.body, place)
            yield from self.body(getattr(node, "orelse", []), place)
            yield from self.body(getattr(node, "finalbody", []), place)

    def function(
        self, node: Function, place: _Place, last: ast.stmt | None
    ) -> Iterator[TestFunction]:
        name = f"{place.prefix}{node.name}"
        patterns = self.config.python_functions
        if place.cls is not None and class_kind(self.evaluator, place.cls) == "case":
            patterns = ("test",)
        if matches_name(node.name, patterns):
            dead = place.dead or self._dead_function(node, place, last)
            yield TestFunction(name, node, place.scope, place.cls, dead)
        elif not place.prefix and not _is_factory(node, self.module):
            for inner in walk(node):
                if not isinstance(inner, FUNCTIONS) or inner is node:
                    continue
                if matches_name(inner.name, patterns):
                    what = f"it is nested in {node.name}"
                    dead = Dead("nested", inner.lineno, inner.lineno, what)
                    inside = f"{name}.{inner.name}"
                    yield TestFunction(inside, inner, place.scope, place.cls, dead)

    def _dead_function(self, node: Function, place: _Place, last: ast.stmt | None) -> Dead | None:
        names = {_decorator_name(d) for d in node.decorator_list}
        if isinstance(last, DEFINITIONS) and last is not node and not names & _REDEFINING:
            first = min([last.lineno, *(d.lineno for d in last.decorator_list)])
            what = f"another {node.name} at line {last.lineno} takes its name"
            return Dead("shadowed", last.lineno, max(first, last.lineno), what)
        for decorator, what in (("fixture", "it is a fixture"), ("property", "it is a property")):
            if decorator in names:
                line = next(
                    d.lineno for d in node.decorator_list if _decorator_name(d) == decorator
                )
                return Dead(decorator, line, node.lineno, what)
        return self._decorated_off(node, place) or self._rebound(node, place)

    def _decorated_off(self, node: Function | ast.ClassDef, place: _Place) -> Dead | None:
        """Return the decorator of the project that sets `__test__ = False`, if there is one."""
        for decorator in node.decorator_list:
            at = (decorator.lineno, decorator.col_offset)
            value = self.evaluator.evaluate(decorator, place.scope, at)
            if isinstance(value, Func) and _sets_off(value):
                what = "its decorator sets __test__ = False, which takes it out of collection"
                return Dead("dunder-test", decorator.lineno, node.lineno, what)
        return None

    def _rebound(self, node: Function | ast.ClassDef, place: _Place) -> Dead | None:
        """Return what takes the name away after the definition: `del`, another value."""
        bindings = place.scope.bindings.get(node.name, [])
        if not bindings or bindings[-1].node is node or not bindings[-1].certain:
            return self._attribute_off(node, place)
        last = bindings[-1]
        line = last.position[0]
        if line < node.lineno:
            return None
        if last.kind == "deleted":
            return Dead("deleted", line, line, f"del {node.name} removes it")
        if last.kind in ("import", "from"):
            return Dead("shadowed", line, line, "an import takes its name")
        if last.kind == "value" and isinstance(last.node, ast.expr):
            names = {n.id for n in walk(last.node) if isinstance(n, ast.Name)}
            if node.name not in names:
                return Dead("shadowed", line, line, f"{node.name} is given another value")
        return None

    def _taken_from_class(self, node: Function | ast.ClassDef, place: _Place) -> Dead | None:
        """Return what takes a method out of its class from outside: `del`, another value."""
        if place.cls is None or not isinstance(node, FUNCTIONS):
            return None
        name = f"{place.cls.node.name}.{node.name}"
        if name.encode() not in self.module.data:
            return None
        for statement in self.module.tree.body:
            if isinstance(statement, (ast.Delete, ast.Assign)) and any(
                isinstance(t, ast.Attribute) and ast.unparse(t) == name for t in statement.targets
            ):
                line = statement.lineno
                if isinstance(statement, ast.Delete):
                    return Dead("deleted", line, line, f"del {name} removes it")
                if isinstance(statement.value, ast.Constant):
                    return Dead("shadowed", line, line, f"{name} is given another value")
        return None

    def _attribute_off(self, node: Function | ast.ClassDef, place: _Place) -> Dead | None:
        taken = self._taken_from_class(node, place)
        if taken is not None:
            return taken
        if b"__test__" not in self.module.data:
            return None
        body = getattr(place.scope.node, "body", [])
        for statement in body if isinstance(body, list) else ():
            if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                continue
            target = statement.targets[0]
            if (
                isinstance(target, ast.Attribute)
                and target.attr == "__test__"
                and isinstance(target.value, ast.Name)
                and target.value.id == node.name
                and isinstance(statement.value, ast.Constant)
                and not statement.value.value
            ):
                what = f"{node.name}.__test__ = False takes it out of collection"
                return Dead("dunder-test", statement.lineno, statement.lineno, what)
        return None

    def cls(
        self, node: ast.ClassDef, place: _Place, last: ast.stmt | None
    ) -> Iterator[TestFunction]:
        cls = Cls(node, self.module, place.scope)
        scope = Scope(self.module, node, place.scope)
        dead = place.dead or self._dead_class(cls, scope, place)
        if dead is None and last is not node and isinstance(last, DEFINITIONS):
            what = f"another {node.name} at line {last.lineno} takes its name"
            dead = Dead("shadowed", last.lineno, last.lineno, what)
        inner = _Place(scope, f"{place.prefix}{node.name}.", dead, cls)
        yield from self.body(node.body, inner)
        if node.bases and dead is None:
            yield from self._overridden(cls, inner)

    def _overridden(self, cls: Cls, place: _Place) -> Iterator[TestFunction]:
        """Yield the inherited tests that a class takes out by `test_x = None`."""
        for statement in cls.node.body:
            if not isinstance(statement, ast.Assign) or not isinstance(
                statement.value, ast.Constant
            ):
                continue
            for target in statement.targets:
                name = target.id if isinstance(target, ast.Name) else ""
                if not matches_name(name, (*self.config.python_functions, "test")):
                    continue
                for base in ancestry(self.evaluator, cls):
                    own = base.node if isinstance(base, Cls) and base.node is not cls.node else None
                    found = [f for f in own.body if isinstance(f, FUNCTIONS)] if own else []
                    node = next((f for f in found if f.name == name), None)
                    if node is not None:
                        line = statement.lineno
                        dead = Dead("overridden", line, line, f"{name} = {statement.value.value!r}")
                        yield TestFunction(f"{place.prefix}{name}", node, place.scope, cls, dead)
                        break

    def _dead_class(self, cls: Cls, scope: Scope, place: _Place) -> Dead | None:
        node = cls.node
        off = _switched_off(scope, f"class {node.name}")
        if off is not None:
            return off
        off = self._decorated_off(node, place)
        if off is not None:
            return off
        kind = class_kind(self.evaluator, cls)
        if kind != "case":
            if not matches_name(node.name, self.config.python_classes):
                if kind == "unknown":
                    return self._rebound(node, place)
                what = f"{node.name} is no name of a test class"
                return Dead("class-name", node.lineno, node.lineno, what)
            if kind == "plain":
                if "dataclass" in decorator_names(node):
                    what = "pytest collects no class that has __init__, which dataclass makes"
                    return Dead("init", node.lineno, node.lineno, what)
                for method in ("__init__", "__new__"):
                    own = self.evaluator.class_member(cls, method)
                    if isinstance(own, Func):
                        line = own.node.lineno if own.module is self.module else node.lineno
                        what = f"pytest collects no class that has {method}"
                        return Dead("init", line, line, what)
        inherited = self.evaluator.class_member(cls, "__test__")
        if isinstance(inherited, Const) and not inherited.value:
            return Dead("dunder-test", node.lineno, node.lineno, "it inherits __test__ = False")
        return self._rebound(node, place)


def _is_factory(node: Function, module: Module) -> bool:
    """Return whether a function returns what it defines, and is called by the module."""
    returned = {
        s.value.id
        for s in statements(node)
        if isinstance(s, ast.Return) and isinstance(s.value, ast.Name)
    }
    made = {s.name for s in statements(node) if isinstance(s, DEFINITIONS)}
    return bool(returned & made) and module.text.count(f"{node.name}(") > 1


def _sets_off(func: Func) -> bool:
    """Return whether a decorator always sets `__test__ = False` on what it is given."""
    node = func.node
    if isinstance(node, ast.Lambda) or not node.args.args or "__test__" not in func.module.text:
        return False
    given = node.args.args[0].arg
    for statement in node.body:
        value: ast.expr | None = None
        if isinstance(statement, ast.Assign) and any(
            ast.unparse(target) == f"{given}.__test__" for target in statement.targets
        ):
            value = statement.value
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            if ast.unparse(call).startswith(f"setattr({given}, '__test__', "):
                value = call.args[2]
        if isinstance(value, ast.Constant) and not value.value:
            return True
    return False


def _decorator_name(node: ast.expr) -> str:
    inner = node.func if isinstance(node, ast.Call) else node
    return inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")


def _classes(body: Sequence[ast.stmt]) -> Iterator[ast.ClassDef]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node
        if not isinstance(node, FUNCTIONS):
            for name in ("body", "orelse", "finalbody"):
                yield from _classes(getattr(node, name, []))


def _revived(
    evaluator: Evaluator, module: Module, scope: Scope, tests: list[TestFunction]
) -> Iterator[TestFunction]:
    """Yield the tests; those of a class that a collected subclass inherits are alive."""
    alive: set[str] = set()
    if not any(t.dead is not None and t.cls is not None for t in tests):
        yield from tests
        return
    for node in _classes(module.tree.body):
        for base in node.bases:
            found = evaluator.evaluate(base, scope, (node.lineno, 0))
            if isinstance(found, Applied):
                found = found.target
            if isinstance(found, Cls) and found.module is module and found.node is not node:
                alive.add(found.node.name)
    for test in tests:
        dead = test.dead
        if dead is not None and dead.kind in ("class-name", "dunder-test", "init"):
            is_alive = test.cls is not None and test.cls.node.name in alive
            yield test._replace(dead=None) if is_alive else test
        else:
            yield test
