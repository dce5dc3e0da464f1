"""Sites inside expressions: skip calls, exceptions, `pytest.param`, markers added by hooks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.skips.calls import as_mark, decorators
from covgate.source.skips.classes import skip_exception
from covgate.source.skips.external import SKIP_CALLS, SKIP_EXCEPTIONS
from covgate.source.skips.forwarding import forwarded, may_skip, unwrapped
from covgate.source.skips.reasons import MISSING, Reason, judge
from covgate.source.skips.site import Effect, Reach, Site, call_reason_argument, silence
from covgate.source.skips.values import (
    UNKNOWN,
    Arguments,
    Cls,
    Const,
    Func,
    Param,
    Partial,
    Place,
    Ref,
    Seq,
    Union,
    Value,
    alternatives,
)

if TYPE_CHECKING:
    from covgate.source.modules import Module
    from covgate.source.skips.context import Context
    from covgate.source.skips.evaluate import Evaluator
    from covgate.source.skips.scopes import Scope

GUARDS = (
    ast.IfExp,
    ast.BoolOp,
    ast.ListComp,
    ast.SetComp,
    ast.GeneratorExp,
    ast.DictComp,
    ast.Lambda,
)
_LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator)
_FIRST = {"self", "cls"}
CALLED = {"skip", "xfail", "importorskip", "param"}
MARKER_METHODS = {"add_marker", "applymarker"}
_LISTING = {"append": 0, "extend": 0, "insert": 1}
_SAYING = ("__init__", "__new__", "__str__", "msg")


class ExpressionSites:
    """Collects the sites in the expressions of one module; `params` are all sets by owner."""

    def __init__(self, evaluator: Evaluator, module: Module, pattern: str) -> None:
        self.evaluator = evaluator
        self.module = module
        self.pattern = pattern
        self.sites: list[Site] = []
        self.params: dict[str, set[str]] = {}

    def visit(self, node: ast.expr, context: Context) -> None:
        """Look through an expression and all inside it."""
        todo: list[tuple[ast.AST, bool]] = [(node, context.guarded)]
        while todo:
            current, guarded = todo.pop()
            if isinstance(current, ast.Call):
                self._call(current, context._replace(guarded=guarded))
            elif isinstance(current, (ast.List, ast.Tuple)) and context.holder:
                self._listed(current, context.holder)
            guarded = guarded or isinstance(current, GUARDS)
            for name in current._fields:  # by hand: this is where the time goes
                inner = getattr(current, name, None)
                if isinstance(inner, ast.AST):
                    if not isinstance(inner, _LEAVES):
                        todo.append((inner, guarded))
                elif isinstance(inner, list):
                    todo += [(child, guarded) for child in inner if isinstance(child, ast.AST)]

    def _listed(self, node: ast.List | ast.Tuple, holder: str) -> None:
        for element in node.elts:
            if isinstance(element, (ast.Constant, ast.Tuple, ast.Name, ast.Attribute)):
                parts: list[ast.expr] = [element]
                if isinstance(element, ast.Tuple):
                    parts = list(element.elts)
                self.params.setdefault(holder, set()).add(_key(parts))

    def _add(
        self,
        construct: str,
        effect: Effect,
        reason: Reason,
        node: ast.AST,
        context: Context,
        origin: Place | None = None,
    ) -> None:
        line: int = node.lineno  # type: ignore[attr-defined]
        end: int = node.end_lineno or line  # type: ignore[attr-defined]
        reach: Reach = "function" if context.owner else "module"
        always = not context.guarded
        self.sites.append(
            Site(construct, effect, always, reason, reach, context.owner, line, end, origin=origin)
        )

    def _names(self, context: Context) -> list[str]:
        return [part for part in context.owner.split(".") if part]

    def _call(self, node: ast.Call, context: Context) -> None:
        name = node.func
        at = (node.lineno, node.col_offset)
        if isinstance(name, ast.Attribute):
            if name.attr in MARKER_METHODS:
                self._marker(node, context, at)
                return
            if name.attr in _LISTING and _is_mark_list(name.value):
                arguments = self.evaluator.arguments(node, context.scope, at)
                self._marked(arguments.get(_LISTING[name.attr]), node, context)
                return
            if name.attr == "skipTest":
                self._skip_test(node, name, context, at)
                return
            if self._own_method(node, name, context, at):
                return
            if name.attr not in CALLED and not self._may_be_helper(name, context.scope):
                return
        elif not isinstance(name, (ast.Name, ast.Call)):
            return
        func = self.evaluator.evaluate(name, context.scope, at)
        for option in alternatives(func):
            if isinstance(option, (Ref, Partial, Func)):
                self._called(node, option, context, at)

    def _own_method(
        self, node: ast.Call, name: ast.Attribute, context: Context, at: tuple[int, int]
    ) -> bool:
        """Report a call of a method that the class around defines or inherits: `self.need()`."""
        if context.cls is None or not isinstance(name.value, ast.Name):
            return False
        outer = context.scope
        while outer.parent is not None and outer.node is not context.cls:
            if outer.is_function and name.value.id in outer.bindings:
                if outer.bindings[name.value.id][0].kind != "parameter":
                    return False
            outer = outer.parent
        if name.value.id not in _FIRST and name.attr != "skipTest":
            return False
        cls = Cls(context.cls, self.module, outer.parent or outer)
        own = self.evaluator.class_member(cls, name.attr)
        if not isinstance(own, Func):
            return False
        if may_skip(self.evaluator, own):
            given = self.evaluator.arguments(node, context.scope, at)
            bound = () if "staticmethod" in decorators(own) else (Value(),)
            self._helper(
                node, own, Arguments((*bound, *given.args), given.kwargs, given.open), context
            )
        return True

    def _may_be_helper(self, name: ast.Attribute, scope: Scope) -> bool:
        """Return whether a method may be a function of a module or class, not of an instance."""
        root: ast.expr = name
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return False
        current: Scope | None = scope
        while current is not None:
            if root.id in current.bindings:
                kinds = {binding.kind for binding in current.bindings[root.id]}
                return not kinds.isdisjoint(("import", "from", "definition"))
            current = current.parent
        return False

    def _called(self, node: ast.Call, func: Value, context: Context, at: tuple[int, int]) -> None:
        if isinstance(func, Ref) and func.name not in SKIP_CALLS and func.name != "pytest.param":
            return
        if isinstance(func, Func) and not may_skip(self.evaluator, func):
            return
        arguments = self.evaluator.arguments(node, context.scope, at)
        func, arguments = unwrapped(func, arguments)
        if isinstance(func, Ref) and func.name in SKIP_CALLS:
            self._skip_call(node, func.name, arguments, context)
        elif isinstance(func, Ref) and func.name == "pytest.param":
            place = Place(self.module.path, node.lineno, node.end_lineno or node.lineno)
            self._param(Param(arguments, place), node, context)
        elif isinstance(func, Func):
            self._helper(node, func, arguments, context)

    def _skip_call(self, node: ast.Call, name: str, arguments: Arguments, context: Context) -> None:
        position, names = call_reason_argument(name)
        value = arguments.get(position, *names)
        if name == "pytest.importorskip" and (
            value is None or (isinstance(value, Const) and value.value is None)
        ):
            return  # it writes a reason of its own
        effect: Effect = "xfail" if name == "pytest.xfail" else "skip"
        reason = judge(value, self._names(context), self.pattern)
        guarded = context.guarded or name == "pytest.importorskip"
        self._add(name, effect, reason, node, context._replace(guarded=guarded))

    def _skip_test(
        self, node: ast.Call, name: ast.Attribute, context: Context, at: tuple[int, int]
    ) -> None:
        if self._own_method(node, name, context, at):
            return
        arguments = self.evaluator.arguments(node, context.scope, at)
        receiver = self.evaluator.evaluate(name.value, context.scope, at)
        if isinstance(receiver, Ref) and len(arguments.args) > 1:
            arguments = Arguments(arguments.args[1:], arguments.kwargs, arguments.open)
        reason = judge(arguments.get(0, "reason"), self._names(context), self.pattern)
        self._add("skipTest", "skip", reason, node, context)

    def _marker(self, node: ast.Call, context: Context, at: tuple[int, int]) -> None:
        arguments = self.evaluator.arguments(node, context.scope, at)
        value = arguments.get(0, "marker")
        for option in alternatives(value) if value is not None else ():
            if isinstance(option, Const) and option.value in ("skip", "xfail", "skipif"):
                effect: Effect = "xfail" if option.value == "xfail" else "skip"
                self._add("add_marker", effect, MISSING, node, context)
                continue
            self._marked(option, node, context)

    def _marked(self, value: Value | None, node: ast.expr, context: Context) -> None:
        """Report the marks of a value that are put on a test."""
        for option in _marks(value):
            mark = as_mark(option, self.evaluator.place(node, context.scope))
            found = silence(mark, self._names(context), self.pattern) if mark else None
            if found is not None and mark is not None:
                inner = context._replace(guarded=context.guarded or not found.always)
                self._add("add_marker", found.effect, found.reason, node, inner)

    def augmented(self, node: ast.AugAssign, context: Context) -> None:
        """Add the sites of `item.own_markers += [...]`."""
        if _is_mark_list(node.target):
            at = (node.lineno, node.col_offset)
            value = self.evaluator.evaluate(node.value, context.scope, at)
            self._marked(value, node.value, context)

    def _helper(self, node: ast.Call, func: Func, arguments: Arguments, context: Context) -> None:
        """Report what a call of one of the project's own helpers adds by its arguments."""
        seen = False
        for construct, reason in forwarded(self.evaluator, func, arguments, self.pattern):
            effect: Effect = "xfail" if construct == "pytest.xfail" else "skip"
            self._add(construct, effect, reason, node, context._replace(guarded=True))
            seen = True
        if seen:
            return
        place = self.evaluator.place(node, context.scope)
        result = self.evaluator.call(func, arguments, place)
        for option in alternatives(result):
            if isinstance(option, Param):
                self._param(option, node, context)

    # parameters

    def _param(self, param: Param, node: ast.Call, context: Context) -> None:
        holder = context.holder or context.owner
        ident = param.arguments.kwargs.get("id")
        name = ident.value if isinstance(ident, Const) and isinstance(ident.value, str) else None
        key = _key(node.args)
        self.params.setdefault(holder, set()).add(key)
        here = (node.lineno, node.end_lineno or node.lineno)
        helped = (param.place.path, param.place.line) != (self.module.path, node.lineno)
        for mark_value in _marks(param.arguments.kwargs.get("marks")):
            mark = as_mark(mark_value, param.place)
            found = silence(mark, self._names(context), self.pattern) if mark else None
            if found is None:
                continue
            self.sites.append(
                Site(
                    f"pytest.param with {found.construct}",
                    found.effect,
                    found.always,
                    found.reason,
                    "param",
                    holder,
                    here[0],
                    here[1],
                    key=key,
                    ident=name,
                    origin=param.place if helped else None,
                )
            )

    # exceptions

    def raised(self, node: ast.Raise, context: Context) -> None:
        """Add the site of `raise SkipTest` and its like."""
        if node.exc is None:
            return
        at = (node.lineno, node.col_offset)
        call = node.exc if isinstance(node.exc, ast.Call) else None
        target = call.func if call else node.exc
        func, arguments = unwrapped(
            self.evaluator.evaluate(target, context.scope, at),
            self.evaluator.arguments(call, context.scope, at) if call else Arguments(),
        )
        kind = func.name if isinstance(func, Ref) else self._derived(func)
        if kind in SKIP_EXCEPTIONS:
            effect: Effect = "xfail" if "xfail" in kind else "skip"
            reason = judge(arguments.get(0, "msg", "reason"), self._names(context), self.pattern)
            self._add(f"raise {kind}", effect, reason, node, context)

    def _derived(self, value: Value) -> str:
        """Return the exception that a class of the project stands for: it says nothing itself."""
        if not isinstance(value, Cls):
            return ""
        if any(self.evaluator.class_member(value, name) is not UNKNOWN for name in _SAYING):
            return ""
        return skip_exception(self.evaluator, value) or ""


def _is_mark_list(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "own_markers"


def _marks(value: Value | None) -> list[Value]:
    if value is None:
        return []
    found: list[Value] = []
    for option in alternatives(value):
        if isinstance(option, Seq):
            found.extend(inner for item in option.items for inner in _marks(item))
        elif not isinstance(option, Union):
            found.append(option)
    return found


def _key(parts: list[ast.expr]) -> str:
    return ", ".join(
        repr(part.value) if isinstance(part, ast.Constant) else ast.unparse(part) for part in parts
    )
