"""Say what a test proves: follow its helpers, fixtures and base classes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.checks.bodies import Found, Kind, Walk, last_name
from covgate.source.checks.names import (
    is_check_decorator,
    is_check_fixture,
    is_check_name,
    is_test_name,
)
from covgate.source.checks.reach import HelpersInReach, conftests
from covgate.source.skips.classes import ancestry, class_kind
from covgate.source.skips.external import SKIP_EXCEPTIONS
from covgate.source.skips.scopes import FUNCTIONS, Scope
from covgate.source.skips.values import Applied, Cls, Func, Partial, Ref, Value
from covgate.source.walking import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.source.modules import Module
    from covgate.source.skips.evaluate import Evaluator

MAX_HOPS = 4
Function = ast.FunctionDef | ast.AsyncFunctionDef
_AROUND = {"setUp", "tearDown", "setup_method", "teardown_method", "asyncSetUp", "asyncTearDown"}


class Judge:
    """Judges the tests of one project; `helpers` are names that check although unseen."""

    def __init__(self, evaluator: Evaluator, helpers: tuple[str, ...] = ()) -> None:
        self.evaluator = evaluator
        self.helpers = frozenset(name.rpartition(".")[2] for name in helpers)
        self._checks: dict[tuple[str, int], bool] = {}
        self._reach = HelpersInReach(evaluator.project, _is_testing)

    def body(self, node: Function, module: Module, scope: Scope, cls: Cls | None) -> list[Found]:
        """Return what the body of a test does; `scope` is the one that the test stands in."""
        inner = Scope(module, node, scope)
        parameters = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
        own = node.args.args[0].arg if cls is not None and node.args.args else ""

        def judge(call: ast.Call) -> Kind | None:
            return self._call(call, inner, parameters, cls, own, 0)

        def named(func: ast.expr) -> str:
            value = self.evaluator.evaluate(func, inner, (func.lineno, func.col_offset))
            return value.name.rpartition(".")[2] if isinstance(value, Ref) else last_name(func)

        return Walk(judge, lambda ref: self._refers(ref, inner, 0), named).function(node)

    def is_backed(self, node: Function, module: Module, cls: Cls | None) -> bool:
        """Return whether something around a test checks: a decorator, fixture or teardown."""
        scope = self.evaluator.module_scope(module)
        if any(is_check_decorator(last_name(d)) for d in node.decorator_list):
            return True
        if any(self._decorator_checks(d, scope) for d in node.decorator_list):
            return True
        if any(self._function_checks(fixture, 1) for fixture in self._autouse(module, cls)):
            return True
        for argument in (*node.args.args, *node.args.kwonlyargs):
            name = argument.arg
            if name in ("self", "cls"):
                continue
            fixture = self._fixture(name, module)
            if fixture is not None and self._function_checks(fixture, 1):
                return True
            if fixture is None and name.startswith(("assert_", "check_", "verify_", "expect_")):
                return True
        for method in _AROUND if cls is not None else ():
            found = self.evaluator.class_member(cls, method) if cls is not None else None
            if isinstance(found, Func) and self._function_checks(found, 1):
                return True
        return self._reach.is_used(node, module)

    # calls

    def _call(
        self,
        call: ast.Call,
        scope: Scope,
        parameters: set[str],
        cls: Cls | None,
        own: str,
        hops: int,
    ) -> Kind | None:
        name = last_name(call)
        at = (call.lineno, call.col_offset)
        if name in self.helpers:
            return "check"
        root = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(root, ast.Name) and own and root.id == own and cls is not None:
            return self._method(name, cls, hops)
        if isinstance(root, ast.Call) and last_name(root) == "super" and cls is not None:
            return self._inherited(name, cls, hops)
        if root is None and name in parameters:
            return "check" if self._fixture_checks(name, scope.module, hops) else None
        if isinstance(root, ast.Name) and root.id in parameters and is_check_fixture(root.id):
            return "check"
        value = self.evaluator.evaluate(call.func, scope, at)
        known = self._known(value, hops)
        if known is not None:
            return known
        if any(k.arg == "check" and _is_true(k.value) for k in call.keywords):
            return "check"
        if any(k.arg == "catch_exceptions" and not _is_true(k.value) for k in call.keywords):
            return "check"
        if name in ("simplefilter", "filterwarnings") and call.args:
            first = call.args[0]
            return "check" if isinstance(first, ast.Constant) and first.value == "error" else None
        if isinstance(value, (Func, Cls)):
            return None
        return "check" if is_check_name(name) else None

    def _known(self, value: Value, hops: int) -> Kind | None:
        if isinstance(value, Partial):
            return self._known(value.func, hops)
        if isinstance(value, Applied):
            return self._known(value.target, hops)
        if isinstance(value, Ref):
            if value.name == "pytest.skip":
                return "skip"
            if value.name in ("pytest.xfail", "pytest.fail", "pytest.raises", "pytest.warns"):
                return "check"
        if isinstance(value, Func) and self._skips(value):
            return "skip"
        if isinstance(value, Func) and not isinstance(value.node, ast.Lambda):
            if self._function_checks(value, hops + 1):
                return "check"
            if not _is_testing(value.module.path) and is_check_name(value.node.name):
                return "check"
        if isinstance(value, Cls) and is_check_name(value.node.name):
            return "check"
        return None

    def _method(self, name: str, cls: Cls, hops: int) -> Kind | None:
        if name in ("skipTest", "subTest"):
            return "skip" if name == "skipTest" else None
        found = self.evaluator.class_member(cls, name)
        if isinstance(found, Func) and self._skips(found):
            return "skip"
        if isinstance(found, Func):
            return "check" if self._function_checks(found, hops + 1, cls) else None
        if is_check_name(name):
            return "check"
        unknown = class_kind(self.evaluator, cls) == "unknown"
        return "check" if unknown or is_test_name(name) else None

    def _inherited(self, name: str, cls: Cls, hops: int) -> Kind | None:
        """Return what a call of a base's method amounts to."""
        for base in ancestry(self.evaluator, cls):
            if base is None or isinstance(base, Ref):
                return "check" if is_check_name(name) or is_test_name(name) else None
            if base.node is not cls.node:
                found = self.evaluator.class_member(base, name)
                if isinstance(found, Func):
                    return "check" if self._function_checks(found, hops + 1, base) else None
        return None

    def _skips(self, func: Func) -> bool:
        """Return whether a helper always ends the test by a skip of its own."""
        node = func.node
        calls = [node.body] if isinstance(node, ast.Lambda) else _always_done(node.body)
        scope = Scope(func.module, node, func.scope)
        for call in calls:
            if last_name(call) == "skipTest":
                return True
            value = self.evaluator.evaluate(
                call.func if isinstance(call, ast.Call) else call, scope
            )
            if isinstance(value, Ref) and value.name in {"pytest.skip", *SKIP_EXCEPTIONS}:
                return True
        return False

    def _refers(self, node: ast.expr, scope: Scope, hops: int) -> bool:
        """Return whether a name that is handed on stands for something that checks."""
        name = last_name(node)
        if isinstance(node, ast.Attribute):
            return name.startswith(("assert", "fail")) or name in ("should", "should_not")
        if name in self.helpers:
            return True
        value = self.evaluator.evaluate(node, scope, (node.lineno, node.col_offset))
        return (
            isinstance(value, Func)
            and _is_testing(value.module.path)
            and self._function_checks(value, hops + 1)
        )

    # helpers

    def _function_checks(self, func: Func, hops: int, cls: Cls | None = None) -> bool:
        """Return whether a function of the project checks something, by itself or its helpers."""
        node = func.node
        if hops > MAX_HOPS or isinstance(node, ast.Lambda):
            return False
        if not _is_testing(func.module.path):
            return False
        key = (func.module.path, node.lineno)
        if key in self._checks:
            return self._checks[key]
        self._checks[key] = False
        scope = Scope(func.module, node, func.scope)
        if cls is None and func.scope.is_class and func.scope.parent is not None:
            assert isinstance(func.scope.node, ast.ClassDef)
            cls = Cls(func.scope.node, func.module, func.scope.parent)
        parameters = {a.arg for a in node.args.args}
        own = node.args.args[0].arg if cls is not None and node.args.args else ""

        def judge(call: ast.Call) -> Kind | None:
            return self._call(call, scope, parameters, cls, own, hops)

        body = Walk(judge, lambda ref: self._refers(ref, scope, hops))
        found = body.function(node)
        nested = [n for n in statements(node) if isinstance(n, FUNCTIONS)]
        found += [f for inner in nested for f in body.block(inner.body)]
        result = any(f.kind == "check" for f in found)
        self._checks[key] = result
        return result

    # fixtures

    def _decorator_checks(self, node: ast.expr, scope: Scope) -> bool:
        inner = node.func if isinstance(node, ast.Call) else node
        value = self.evaluator.evaluate(inner, scope, (node.lineno, 0))
        return isinstance(value, Func) and self._function_checks(value, 1)

    def _autouse(self, module: Module, cls: Cls | None) -> Iterator[Func]:
        """Yield the fixtures that every test of a module or class uses without naming them."""
        for path in conftests(module.path):
            source = module if path == module.path else self.evaluator.project.module(path)
            if source is None or b"autouse" not in source.data:
                continue
            scope = self.evaluator.module_scope(source)
            bodies = [(source.tree.body, scope)]
            if cls is not None and cls.module is source:
                bodies.append((cls.node.body, Scope(source, cls.node, scope)))
            for body, place in bodies:
                for node in body:
                    if isinstance(node, FUNCTIONS) and any(map(_is_autouse, node.decorator_list)):
                        yield Func(node, source, place)

    def _fixture_checks(self, name: str, module: Module, hops: int) -> bool:
        fixture = self._fixture(name, module)
        if fixture is None:
            return is_check_fixture(name)
        return self._function_checks(fixture, hops + 1)

    def _fixture(self, name: str, module: Module) -> Func | None:
        """Return the fixture `name` as seen from a module: its own, or a conftest's up the tree."""
        for path in conftests(module.path):
            source = module if path == module.path else self.evaluator.project.module(path)
            if source is None:
                continue
            value = self.evaluator.name(name, self.evaluator.module_scope(source), (1 << 30, 0))
            decorators = (
                getattr(value.node, "decorator_list", ()) if isinstance(value, Func) else ()
            )
            if isinstance(value, Func) and any(last_name(d) == "fixture" for d in decorators):
                return value
        return None


def _is_autouse(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and any(
        keyword.arg == "autouse" and _is_true(keyword.value) for keyword in decorator.keywords
    )


def _always_done(body: list[ast.stmt]) -> list[ast.expr]:
    """Return what the statements of a body, but not of its blocks, call and raise."""
    called = [s.value for s in body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    return [*called, *(s.exc for s in body if isinstance(s, ast.Raise) and s.exc is not None)]


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value)


def _is_testing(path: str) -> bool:
    """Return whether a file belongs to the tests, so that its assertions are meant as checks."""
    name = path.rpartition("/")[2]
    folders = path.split("/")[:-1]
    return (
        any("test" in folder for folder in folders)
        or name.startswith(("test", "conftest"))
        or "test" in name
    )
