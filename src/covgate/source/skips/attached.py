"""Sites attached to a definition: decorators, `pytestmark`, marks applied by a call, attributes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.skips.calls import as_mark
from covgate.source.skips.classes import ancestry, is_test_case, is_trial_case, may_be_test_case
from covgate.source.skips.forwarding import forwarded
from covgate.source.skips.notes import note
from covgate.source.skips.reasons import Reason, judge
from covgate.source.skips.scopes import Scope
from covgate.source.skips.site import Reach, Site, silence
from covgate.source.skips.values import (
    Applied,
    Arguments,
    Cls,
    Const,
    Func,
    Instance,
    Mark,
    Partial,
    Place,
    Seq,
    Value,
    alternatives,
    marks_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.source.modules import Module
    from covgate.source.skips.context import Context
    from covgate.source.skips.evaluate import Evaluator
    from covgate.source.skips.scopes import Definition

NO_EFFECT = ("conftest.py", "__init__.py")


class AttachedSites:
    """Collects the sites that are attached to the units of one module."""

    def __init__(self, evaluator: Evaluator, module: Module, pattern: str) -> None:
        self.evaluator = evaluator
        self.module = module
        self.pattern = pattern
        self.sites: list[Site] = []

    def _add(
        self, mark: Mark, reach: Reach, owner: str, lines: tuple[int, int], always: bool = True
    ) -> None:
        names = [part for part in owner.split(".") if part]
        found = silence(mark, names, self.pattern)
        if found is None:
            return
        reason = found.reason
        if mark.name == "unittest.expectedFailure":
            reason = note(self.module, lines, self.pattern)
        origin = mark.place if mark.place.path != self.module.path else None
        self.sites.append(
            Site(
                found.construct,
                found.effect,
                found.always and always,
                reason,
                reach,
                owner,
                lines[0],
                lines[1],
                origin=origin,
            )
        )

    # decorators

    def decorated(self, node: Definition, context: Context, inner: Context) -> None:
        """Add the sites of the decorators of a function or class."""
        reach: Reach = "class" if isinstance(node, ast.ClassDef) else "function"
        target: Value = (
            Cls(node, self.module, context.scope)
            if isinstance(node, ast.ClassDef)
            else Func(node, self.module, context.scope)
        )
        if _is_fixture(node):
            return
        for decorator in node.decorator_list:
            at = (decorator.lineno, decorator.col_offset)
            value = self.evaluator.evaluate(decorator, context.scope, at)
            place = self.evaluator.place(decorator, context.scope)
            lines = (decorator.lineno, node.lineno)
            for mark in self._marks(value, target, place):
                if mark.name == "unittest.expectedFailure" and not self._can_expect(node, context):
                    continue
                if mark.name == "pytest.mark.parametrize":
                    self._empty_parameters(mark, inner.owner, lines)
                self._add(mark, reach, inner.owner, lines)
            self._forwarding(value, target, reach, inner.owner, lines)

    def _marks(self, value: Value, target: Value, place: Place) -> Iterator[Mark]:
        for option in alternatives(value):
            mark = as_mark(option, place)
            if mark is not None:
                yield mark
            elif isinstance(option, (Func, Instance, Partial)):
                result = self.evaluator.call(option, Arguments((target,)), place)
                for inner in alternatives(result):
                    if isinstance(inner, Applied):
                        yield from inner.marks

    def _forwarding(
        self, value: Value, target: Value, reach: Reach, owner: str, lines: tuple[int, int]
    ) -> None:
        for option in alternatives(value):
            if isinstance(option, Func):
                for construct, reason in forwarded(
                    self.evaluator, option, Arguments((target,)), self.pattern
                ):
                    self.sites.append(Site(construct, "skip", False, reason, reach, owner, *lines))

    def _can_expect(self, node: Definition, context: Context) -> bool:
        """Return whether `expectedFailure` has an effect: in test cases only."""
        cls = node if isinstance(node, ast.ClassDef) else context.cls
        if cls is None or context.in_function:
            return False
        outer = context.scope if cls is node else context.scope.parent
        return outer is not None and may_be_test_case(self.evaluator, Cls(cls, self.module, outer))

    def _empty_parameters(self, mark: Mark, owner: str, lines: tuple[int, int]) -> None:
        values = mark.arguments.get(1, "argvalues")
        if isinstance(values, Seq) and not values.open and not values.items:
            reason = note(self.module, lines, self.pattern)
            self.sites.append(
                Site("empty parametrize", "skip", True, reason, "function", owner, *lines)
            )

    # pytestmark and attributes

    def module_marks(self, scope: Scope) -> None:
        """Add the sites of a module's `pytestmark` and `__test__`."""
        if self.module.path.rpartition("/")[2] not in NO_EFFECT:
            self._pytestmark(scope, "module", "")

    def class_body(self, node: ast.ClassDef, inner: Context) -> None:
        """Add the sites of a class's `pytestmark` and unittest attributes."""
        self._pytestmark(inner.scope, "class", inner.owner)
        self._inherited(node, inner)
        bindings = inner.scope.bindings
        if "__unittest_skip__" in bindings:
            line = bindings["__unittest_skip__"][-1].position[0]
            self._unittest_attribute(inner.scope, inner.owner, line)
        for name in ("skip", "todo"):
            if name in bindings and bindings[name][-1].kind == "value":
                self._trial(node, inner, name)

    def _inherited(self, node: ast.ClassDef, inner: Context) -> None:
        """Add the sites of the marks that a class has from its bases: said there, if that is new.

        pytest collects the marks of all bases; unittest's decorators set attributes.
        """
        outer = inner.scope.parent
        if outer is None or not node.bases:
            return
        for base in ancestry(self.evaluator, Cls(node, self.module, outer)):
            if not isinstance(base, Cls) or base.node is node:
                continue
            for mark in self._marks_of(base):
                found = silence(mark, inner.owner.split("."), self.pattern)
                if found is None or found.reason.state == "stated":
                    continue
                if mark.name != "unittest.expectedFailure":
                    lines = (node.lineno, node.lineno)
                    self.sites.append(Site(*found, "class", inner.owner, *lines, origin=mark.place))

    def _marks_of(self, cls: Cls) -> Iterator[Mark]:
        """Yield the marks that a class bears itself."""
        for decorator in cls.node.decorator_list:
            place = self.evaluator.place(decorator, cls.scope)
            value = self.evaluator.evaluate(decorator, cls.scope, (decorator.lineno, 0))
            yield from self._marks(value, cls, place)
        bindings = Scope(cls.module, cls.node, cls.scope).bindings.get("pytestmark")
        if bindings and cls.node.name != "TestCase":
            value = self.evaluator.class_member(cls, "pytestmark")
            line = bindings[-1].position[0]
            for option in alternatives(value):
                for item in option.items if isinstance(option, Seq) else (option,):
                    mark = as_mark(item, Place(cls.module.path, line, line))
                    if mark is not None:
                        yield mark

    def _pytestmark(self, scope: Scope, reach: Reach, owner: str) -> None:
        bindings = scope.bindings.get("pytestmark")
        if not bindings:
            return
        value = self.evaluator.name("pytestmark", scope, (1 << 30, 0))
        found: list[Value] = []
        for option in alternatives(value):
            found.extend(option.items if isinstance(option, Seq) else (option,))
        spans = [(b, b.position[0], _end(b.node)) for b in bindings]
        for option in found:
            for item in alternatives(option):
                place = Place(self.module.path, spans[-1][1], spans[-1][2])
                mark = as_mark(item, place)
                if mark is None:
                    continue
                for inner in marks_in(mark):
                    binding, line, end = next(
                        (s for s in spans if self._inside(inner.place, s[1], s[2])), spans[-1]
                    )
                    if self._inside(inner.place, line, end) and inner.called:
                        line, end = inner.place.line, inner.place.end_line
                    always = binding.certain and option is item
                    self._add(inner, reach, owner, (line, end), always)

    def _inside(self, place: Place, line: int, end: int) -> bool:
        return place.path == self.module.path and line <= place.line <= end

    def _unittest_attribute(self, scope: Scope, owner: str, line: int) -> None:
        value = self.evaluator.name("__unittest_skip__", scope, (1 << 30, 0))
        if not (isinstance(value, Const) and value.value):
            return
        has_why = "__unittest_skip_why__" in scope.bindings
        why = self.evaluator.name("__unittest_skip_why__", scope, (1 << 30, 0)) if has_why else None
        reason = judge(why, owner.split("."), self.pattern)
        self.sites.append(
            Site("__unittest_skip__", "skip", True, reason, "class", owner, line, line)
        )

    def _trial(self, node: ast.ClassDef, inner: Context, name: str) -> None:
        parent = inner.scope.parent
        if parent is None or not is_trial_case(self.evaluator, Cls(node, self.module, parent)):
            return
        value = self.evaluator.name(name, inner.scope, (1 << 30, 0))
        reason = judge(value, inner.owner.split("."), self.pattern)
        line = inner.scope.bindings[name][-1].position[0]
        if isinstance(value, Const) and value.value is None:
            return
        self._add_text(f"trial .{name}", reason, "class", inner.owner, line)

    def _add_text(
        self, construct: str, reason: Reason, reach: Reach, owner: str, line: int
    ) -> None:
        effect = "xfail" if construct.endswith("todo") else "skip"
        self.sites.append(
            Site(construct, effect, True, reason, reach, owner, line, line)  # type: ignore[arg-type]
        )

    # marks applied by a call

    def assigned(self, node: ast.Assign, context: Context) -> None:
        """Add the sites of `test_x = pytest.mark.skip(test_x)`, `test_x.pytestmark = ...`."""
        self.applied(node.value, node, context)
        target = node.targets[0]
        if not isinstance(target, ast.Attribute):
            return
        for owner, reach in self._named(target.value, context):
            self._set(node, target.attr, owner, reach, context)

    def _set(
        self, node: ast.Assign, attribute: str, owner: str, reach: Reach, context: Context
    ) -> None:
        """Add the sites of an attribute that is set on a unit of this module."""
        at = (node.lineno, node.col_offset)
        value = self.evaluator.evaluate(node.value, context.scope, at)
        lines = (node.lineno, node.end_lineno or node.lineno)
        if attribute == "pytestmark":
            for option in alternatives(value):
                for item in option.items if isinstance(option, Seq) else (option,):
                    mark = as_mark(item, Place(self.module.path, *lines))
                    if mark is not None:
                        self._add(mark, reach, owner, lines, not context.guarded)
        elif attribute == "__unittest_skip__":
            if isinstance(value, Const) and value.value:
                why = self._set_beside("__unittest_skip_why__", node, context)
                reason = judge(why, owner.split("."), self.pattern)
                self.sites.append(Site(attribute, "skip", True, reason, reach, owner, *lines))
        elif attribute in ("skip", "todo") and context.cls is not None:
            outer = context.scope.parent or context.scope
            if is_test_case(self.evaluator, Cls(context.cls, self.module, outer)):
                reason = judge(value, owner.split("."), self.pattern)
                self._add_text(f"trial .{attribute}", reason, reach, owner, node.lineno)

    def _set_beside(self, name: str, node: ast.Assign, context: Context) -> Value | None:
        """Return the value of another attribute that the same block sets on the same object."""
        owner = node.targets[0]
        assert isinstance(owner, ast.Attribute)
        for other in getattr(context.scope.node, "body", ()):
            target = other.targets[0] if isinstance(other, ast.Assign) else None
            if not isinstance(target, ast.Attribute) or target.attr != name:
                continue
            if ast.dump(target.value) == ast.dump(owner.value):
                at = (other.lineno, other.col_offset)
                return self.evaluator.evaluate(other.value, context.scope, at)
        return None

    def applied(self, value: ast.expr, node: ast.stmt, context: Context) -> None:
        """Add the sites of a call that applies marks to a unit of this module."""
        if not isinstance(value, ast.Call):
            return
        at = (node.lineno, node.col_offset)
        result = self.evaluator.evaluate(value, context.scope, at)
        lines = (node.lineno, node.end_lineno or node.lineno)
        for option in alternatives(result):
            if not isinstance(option, Applied):
                continue
            target = option.target
            if isinstance(target, (Func, Cls)) and target.module is self.module:
                owner = _qualified(target)
                reach: Reach = "class" if isinstance(target, Cls) else "function"
                for mark in option.marks if owner else ():
                    self._add(mark, reach, owner, lines, not context.guarded)

    def _named(self, node: ast.expr, context: Context) -> Iterator[tuple[str, Reach]]:
        """Yield the units of this module that an expression stands for."""
        at = (node.lineno, node.col_offset)
        for value in alternatives(self.evaluator.evaluate(node, context.scope, at)):
            if isinstance(value, (Func, Cls)) and value.module is self.module:
                owner = _qualified(value)
                if owner:
                    yield owner, "class" if isinstance(value, Cls) else "function"


def _qualified(value: Func | Cls) -> str:
    if isinstance(value.node, ast.Lambda):
        return ""
    parts = [value.node.name]
    scope: Scope | None = value.scope
    while scope is not None and scope.parent is not None:
        if not isinstance(scope.node, ast.ClassDef):
            return ""
        parts.append(scope.node.name)
        scope = scope.parent
    return ".".join(reversed(parts))


def _is_fixture(node: Definition) -> bool:
    for decorator in node.decorator_list:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
        if name == "fixture":
            return True
    return False


def _end(node: ast.AST) -> int:
    end: int | None = getattr(node, "end_lineno", None)
    line: int = getattr(node, "lineno", 1)
    return end or line
