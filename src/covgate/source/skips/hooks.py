"""What the hooks of a conftest do to collection and to the outcome of the session."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.checks.bodies import last_name
from covgate.source.skips.scopes import FUNCTIONS, Scope
from covgate.source.skips.values import Const, Ref
from covgate.source.walking import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.source.modules import Module
    from covgate.source.skips.evaluate import Evaluator

# A hook that looks at any of these lets the person who runs the tests, or the platform, decide.
_DECIDED = re.compile(
    r"getoption|getini|getvalue|\.option\b|version_info|sys\.platform|platform\.|os\.name|environ"
    r"|getenv|find_spec|ImportError|ModuleNotFoundError|\bargs\b"
)
_RECIPE = re.compile(
    r"NO_TESTS_COLLECTED|NO_TESTS_RAN|==\s*5\b|\b5\s*==|\bin\s*[\(\[{][^\)\]}]*\b5\b"
)


class Deed(NamedTuple):
    """One thing that a hook does: where, what, and its source, which tells it from others."""

    line: int
    end_line: int
    what: str
    text: str
    has_channel: bool = True


class Ignored(NamedTuple):
    """One entry of `collect_ignore` or `collect_ignore_glob`."""

    line: int
    end_line: int
    entry: str
    is_glob: bool


def ignored(evaluator: Evaluator, module: Module) -> Iterator[Ignored]:
    """Yield the entries that a conftest always ignores; those under a condition say why."""
    scope = evaluator.module_scope(module)
    always = {(statement.lineno, statement.col_offset) for statement in module.tree.body}
    for name in ("collect_ignore", "collect_ignore_glob"):
        for binding in scope.bindings.get(name, ()):
            if binding.position not in always:
                continue
            node = binding.node
            parts = [node.value] if isinstance(node, ast.AugAssign) else [node]
            if isinstance(node, ast.Call):
                parts = list(node.args)
            for part in parts:
                if isinstance(part, ast.expr):
                    yield from _entries(evaluator, part, scope, binding.position, name)


def _entries(
    evaluator: Evaluator, node: ast.expr, scope: Scope, at: tuple[int, int], name: str
) -> Iterator[Ignored]:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        for element in node.elts:
            yield from _entries(evaluator, element, scope, at, name)
        return
    if isinstance(node, ast.BinOp):
        yield from _entries(evaluator, node.left, scope, at, name)
        yield from _entries(evaluator, node.right, scope, at, name)
        return
    entry: str | None = None
    value = evaluator.evaluate(node, scope, at)
    if isinstance(value, Const) and isinstance(value.value, str):
        entry = value.value
    else:  # os.path.join(here, "test_x.py"), Path(__file__).parent / "test_x.py"
        texts = [
            n.value
            for n in ast.walk(node)
            if isinstance(n, ast.Constant) and isinstance(n.value, str)
        ]
        entry = texts[-1] if texts else None
    if entry:
        yield Ignored(node.lineno, node.end_lineno or node.lineno, entry, name.endswith("glob"))


def deeds(evaluator: Evaluator, module: Module) -> Iterator[Deed]:
    """Yield what functions of a module do to collection or to the session's outcome."""
    scope = evaluator.module_scope(module)
    for node in module.tree.body:
        if isinstance(node, FUNCTIONS):
            inner = Scope(module, node, scope)
            text = module.segment(node.lineno, node.end_lineno or node.lineno)
            yield from _session(evaluator, node, inner, text, module)
            if node.name == "pytest_ignore_collect":
                yield from _ignore_collect(node, text, module)
            elif node.name in ("pytest_collection_modifyitems", "pytest_itemcollected"):
                yield from _modify(node, text, module)
            elif node.name in ("pytest_runtest_makereport", "pytest_runtest_logreport"):
                yield from _report(node, module)
            elif node.name in ("pytest_configure", "pytest_cmdline_main"):
                yield from _options(node, module)
            elif node.name == "pytest_pycollect_makeitem":
                yield from _no_items(node, text, module)
            elif node.name in (
                "pytest_pyfunc_call",
                "pytest_runtest_call",
                "pytest_runtest_protocol",
            ):
                yield from _replaced(node, module)


def _deed(node: ast.AST, what: str, module: Module, has_channel: bool = True) -> Deed:
    line: int = node.lineno  # type: ignore[attr-defined]
    end: int = node.end_lineno or line  # type: ignore[attr-defined]
    return Deed(line, end, what, re.sub(r"\s+", " ", module.segment(line, end)), has_channel)


def _docstring_says(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return bool((ast.get_docstring(node) or "").strip())


def _ignore_collect(
    node: ast.FunctionDef | ast.AsyncFunctionDef, text: str, module: Module
) -> Iterator[Deed]:
    if _DECIDED.search(text) or _docstring_says(node):
        return
    returns = [n for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None]
    if any(not (isinstance(r.value, ast.Constant) and not r.value.value) for r in returns):
        deed = _deed(node, "pytest_ignore_collect takes files out of collection", module)
        yield deed._replace(end_line=deed.line, text=" ".join(sorted(_texts(node))) or deed.text)


def _texts(node: ast.AST) -> set[str]:
    return {
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }


def _modify(
    node: ast.FunctionDef | ast.AsyncFunctionDef, text: str, module: Module
) -> Iterator[Deed]:
    if _DECIDED.search(text) or _docstring_says(node):
        return
    for statement in ast.walk(node):
        if isinstance(statement, ast.Assign) and _is_items_slice(statement.targets[0]):
            if _drops(statement.value, node):
                yield _deed(statement, "tests are taken out of the collected items", module)
        elif isinstance(statement, ast.Delete) and any(
            isinstance(t, ast.Subscript) and _is_items(t.value) for t in statement.targets
        ):
            yield _deed(statement, "tests are deleted from the collected items", module)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            func = statement.value.func
            is_method = isinstance(func, ast.Attribute) and _is_items(func.value)
            if is_method and last_name(func) in ("clear", "remove", "pop"):
                yield _deed(statement, "tests are removed from the collected items", module)


_CHOOSING = {"markexpr", "keyword", "deselect", "ignore", "ignore_glob", "collectonly", "lf"}


def _options(node: ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> Iterator[Deed]:
    """Yield the options that choose tests and that a hook sets whatever was asked."""
    if _docstring_says(node):
        return
    for statement in node.body:
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            if (
                isinstance(target, ast.Attribute)
                and target.attr in _CHOOSING
                and last_name(target.value) == "option"
                and not _DECIDED.search(ast.unparse(statement).partition("=")[2])
            ):
                yield _deed(statement, f"the option {target.attr} leaves tests out", module)


def _no_items(
    node: ast.FunctionDef | ast.AsyncFunctionDef, text: str, module: Module
) -> Iterator[Deed]:
    if _DECIDED.search(text) or _docstring_says(node):
        return
    for statement in statements(node):
        if isinstance(statement, ast.Return) and isinstance(statement.value, (ast.List, ast.Tuple)):
            if not statement.value.elts:
                yield _deed(statement, "pytest_pycollect_makeitem makes no test of some", module)


def _is_items(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "items"


def _is_items_slice(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Subscript)
        and _is_items(node.value)
        and isinstance(node.slice, ast.Slice)
    )


def _drops(value: ast.expr, function: ast.AST) -> bool:
    """Return whether what is put in place of the items may be fewer."""
    if isinstance(value, (ast.ListComp, ast.GeneratorExp)):
        return any(generator.ifs for generator in value.generators)
    if isinstance(value, (ast.List, ast.Tuple)):
        return not value.elts
    if isinstance(value, ast.Subscript):
        part = value.slice  # items[::-1] has all of them
        return isinstance(part, ast.Slice) and bool(part.lower or part.upper)
    if isinstance(value, ast.Call):
        if last_name(value) == "filter":
            return True
        return last_name(value) == "list" and bool(value.args) and _drops(value.args[0], function)
    if isinstance(value, ast.Name):
        return _name_drops(value.id, function)
    return False


def _name_drops(name: str, function: ast.AST) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == name for t in node.targets):
            value = node.value
            if isinstance(value, (ast.ListComp, ast.GeneratorExp)):
                return any(generator.ifs for generator in value.generators)
        if isinstance(node, ast.If) and any(_appends(name, inner) for inner in node.body):
            return not _has_else_append(node)
    return False


def _appends(name: str, statement: ast.stmt) -> bool:
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "append"
        and getattr(call.func.value, "id", "") == name
        for call in ast.walk(statement)
    )


def _has_else_append(node: ast.If) -> bool:
    """Return whether the other branch keeps the item too, in a list that is joined later."""
    return (
        False
        if not node.orelse
        else "deselected" not in ast.unparse(node)
        and "append" in (ast.unparse(ast.Module(node.orelse, [])))
    )


def _session(
    evaluator: Evaluator,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    scope: Scope,
    text: str,
    module: Module,
) -> Iterator[Deed]:
    if "exit" not in text:
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _targets(node, "exitstatus"):
            is_zero = isinstance(node.value, ast.Constant) and node.value.value == 0
            if (is_zero or last_name(node.value) == "OK") and not _RECIPE.search(text):
                yield _deed(node, "the session's exit status is overwritten", module, False)
        elif isinstance(node, ast.Call) and last_name(node) in ("exit", "_exit"):
            value = evaluator.evaluate(node.func, scope, (node.lineno, node.col_offset))
            if not isinstance(value, Ref):
                continue
            if value.name == "pytest.exit" and _zero(_keyword(node, "returncode", 1)):
                yield _deed(node, "pytest.exit ends the session as a success", module, False)
            elif value.name == "os._exit" and _zero(_keyword(node, "status", 0)):
                is_child = "fork" in text or "Process" in module.text
                if not is_child:
                    yield _deed(node, "os._exit(0) ends the session as a success", module, False)


def _keyword(node: ast.Call, name: str, position: int) -> ast.expr | None:
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    return node.args[position] if len(node.args) > position else None


def _zero(node: ast.expr | None) -> bool:
    return (isinstance(node, ast.Constant) and node.value == 0) or (
        node is not None and last_name(node) in ("OK", "EX_OK")
    )


def _targets(node: ast.Assign, attribute: str) -> bool:
    return any(isinstance(t, ast.Attribute) and t.attr == attribute for t in node.targets)


def _report(function: ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> Iterator[Deed]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            value = node.value
            if _targets(node, "outcome") and isinstance(value, ast.Constant):
                if value.value in ("passed", "skipped"):
                    what = f"the outcome of tests is rewritten to {value.value!r}"
                    yield _deed(node, what, module, False)
            elif (
                _targets(node, "excinfo")
                and isinstance(value, ast.Constant)
                and value.value is None
            ):
                yield _deed(node, "the failure of tests is erased", module, False)
            elif _targets(node, "wasxfail"):
                yield _deed(node, "failures are turned into expected ones", module, False)
        elif isinstance(node, ast.Call) and last_name(node) == "setattr" and len(node.args) == 3:
            key, value = node.args[1], node.args[2]
            is_outcome = isinstance(key, ast.Constant) and key.value == "outcome"
            is_good = isinstance(value, ast.Constant) and value.value in ("passed", "skipped")
            if is_outcome and is_good:
                yield _deed(node, "the outcome of tests is rewritten", module, False)


def _replaced(function: ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> Iterator[Deed]:
    body = [
        s
        for s in function.body
        if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]
    if len(body) == 1 and isinstance(body[0], ast.Return):
        value = body[0].value
        if isinstance(value, ast.Constant) and value.value is True:
            yield _deed(
                body[0], f"{function.name} says that tests ran although they did not", module
            )
