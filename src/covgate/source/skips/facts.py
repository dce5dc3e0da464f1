"""What one test module holds that matters to the rules on silenced tests."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.skips.attached import AttachedSites
from covgate.source.skips.classes import skip_exception
from covgate.source.skips.context import Context, Unit, unit_of
from covgate.source.skips.expressions import ExpressionSites
from covgate.source.skips.external import SKIP_EXCEPTIONS
from covgate.source.skips.quick import telling_words
from covgate.source.skips.scopes import DEFINITIONS, FUNCTIONS, Scope, constant_truth
from covgate.source.skips.values import Cls, Ref
from covgate.source.walking import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covgate.source.modules import Module
    from covgate.source.skips.evaluate import Evaluator
    from covgate.source.skips.site import Site


class Facts(NamedTuple):
    """The units (functions, methods, classes) of a module by qualified name, and its sites.

    `params` are the keys of all parameter sets by owner, silenced or not.
    """

    path: str
    units: dict[str, Unit]
    sites: tuple[Site, ...]
    params: dict[str, frozenset[str]]


def gather(evaluator: Evaluator, module: Module, pattern: str = "") -> Facts:
    """Collect the facts of one module."""
    walker = _Walker(evaluator, module, pattern)
    scope = evaluator.module_scope(module)
    walker.body(module.tree.body, Context(scope))
    walker.attached.module_marks(scope)
    units = {unit.name: unit for unit in walker.units}
    sites = (*walker.attached.sites, *walker.expressions.sites)
    params = {owner: frozenset(keys) for owner, keys in walker.expressions.params.items()}
    return Facts(module.path, units, tuple(sorted(sites, key=lambda s: s.line)), params)


class _Walker:
    def __init__(self, evaluator: Evaluator, module: Module, pattern: str) -> None:
        self.module = module
        self.evaluator = evaluator
        self.units: list[Unit] = []
        self.attached = AttachedSites(evaluator, module, pattern)
        self.expressions = ExpressionSites(evaluator, module, pattern)
        self.words = telling_words(evaluator, module)

    def body(self, body: Sequence[ast.stmt], context: Context) -> None:
        """Walk the statements of one block, in order; what follows a return is dead."""
        for statement in body:
            self.statement(statement, context)
            if isinstance(statement, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
                return
            if not context.guarded and context.in_function and _may_leave(statement):
                context = context._replace(guarded=True)

    def statement(self, node: ast.stmt, context: Context) -> None:
        if isinstance(node, DEFINITIONS):
            self.definition(node, context)
        elif isinstance(node, (ast.If, ast.While)):
            self.branches(node, context)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self.expressions.visit(node.iter, context)
            self.body(node.body, context._replace(guarded=True))
            self.body(node.orelse, context._replace(guarded=True))
        elif isinstance(node, (ast.Try, ast.TryStar)):
            caught = any(self._catches(handler, context) for handler in node.handlers)
            if not caught:
                self.body(node.body, context)
            self.body(node.orelse, context)
            for handler in node.handlers:
                self.body(handler.body, context._replace(guarded=True))
            self.body(node.finalbody, context)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self.expressions.visit(item.context_expr, context)
            if not any(self._expects(item.context_expr, context) for item in node.items):
                self.body(node.body, context)
        elif isinstance(node, ast.Match):
            for case in node.cases:
                self.body(case.body, context._replace(guarded=True))
        else:
            self.simple(node, context)

    def _expects(self, node: ast.expr, context: Context) -> bool:
        """Return whether a `with` expects the skip that happens in it: `raises(skip.Exception)`."""
        if not (context.in_function and isinstance(node, ast.Call) and node.args):
            return False
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = name or getattr(node.func, "id", "")
        is_expecting = name in ("raises", "assertRaises", "assertRaisesRegex", "suppress")
        return is_expecting and any(self._is_skip(kind, context) for kind in node.args)

    def _catches(self, handler: ast.ExceptHandler, context: Context) -> bool:
        """Return whether a handler takes a skip for done: what raises it silences no test."""
        if not context.in_function or handler.type is None:
            return False
        if any(isinstance(s, ast.Raise) and s.exc is None for s in statements(handler)):
            return False
        return self._is_skip(handler.type, context)

    def _is_skip(self, node: ast.expr, context: Context) -> bool:
        if isinstance(node, ast.Tuple):
            return any(self._is_skip(element, context) for element in node.elts)
        value = self.evaluator.evaluate(node, context.scope, (node.lineno, node.col_offset))
        if isinstance(value, Cls):
            return skip_exception(self.evaluator, value) is not None
        return isinstance(value, Ref) and value.name in SKIP_EXCEPTIONS

    def simple(self, node: ast.stmt, context: Context) -> None:
        if isinstance(node, ast.Raise):
            self.expressions.raised(node, context)
        elif isinstance(node, ast.AugAssign):
            self.expressions.augmented(node, context)
        inner = context
        if isinstance(node, ast.Assign) and not context.in_function:
            self.attached.assigned(node, context)
            if isinstance(node.targets[0], ast.Name) and not context.owner:
                inner = context._replace(holder=node.targets[0].id)
        elif isinstance(node, ast.Expr) and not context.in_function:
            self.attached.applied(node.value, node, context)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expressions.visit(child, inner)

    def branches(self, node: ast.If | ast.While, context: Context) -> None:
        truth = constant_truth(node.test)
        self.expressions.visit(node.test, context)
        inner = context if truth is not None else context._replace(guarded=True)
        if truth is not False:
            self.body(node.body, inner)
        if truth is not True:
            self.body(node.orelse, inner)

    def definition(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, context: Context
    ) -> None:
        inner = context.enter(node, Scope(self.module, node, context.scope))
        if not context.in_function:
            unit = unit_of(node, self.module, context, inner)
            self.units.append(unit)
            self.attached.decorated(node, context, inner)
            if unit.kind == "function" and not self.words.search(unit.text):
                return  # nothing in it can name anything that skips
        for decorator in node.decorator_list:
            self.expressions.visit(decorator, context._replace(holder=inner.owner))
        if isinstance(node, FUNCTIONS):
            for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
                self.expressions.visit(default, context)
        self.body(node.body, inner)
        if isinstance(node, ast.ClassDef) and not context.in_function:
            self.attached.class_body(node, inner)


def _may_leave(statement: ast.stmt) -> bool:
    """Return whether a compound statement may end the function: what follows is guarded."""
    if not isinstance(statement, (ast.If, ast.Try, ast.For, ast.While, ast.Match)):
        return False
    return any(isinstance(node, (ast.Return, ast.Raise)) for node in _own_nodes(statement))


def _own_nodes(statement: ast.stmt) -> list[ast.AST]:
    found: list[ast.AST] = []
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        found.append(node)
        todo.extend(
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case))
            and not isinstance(child, DEFINITIONS)
        )
    return found
