"""Say quickly that a new test module silences nothing, without parsing it.

Judging a whole project would otherwise spend its time on parsing modules that hold ordinary
tests. The words below stand in every form that is reported in a module without a past.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from covgate.source.skips.calls import decorator_names
from covgate.source.skips.classes import ancestry, skip_exception
from covgate.source.skips.forwarding import may_skip
from covgate.source.skips.scopes import DEFINITIONS, FUNCTIONS
from covgate.source.skips.values import Cls, Func, ModuleValue, Partial, Ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.source.modules import Module, Project
    from covgate.source.skips.evaluate import Evaluator
    from covgate.source.skips.values import Value

_WORDS = re.compile(
    rb"""skip|Skip|xfail|expectedFailure|todo\b|__test__|marks\s*=|_marker\b|applymarker
    |^if\s+__name__\s*==[^\n]*:(?:\n(?:[ \t]+[^\n]*)?)*?\n[ \t]+(?:async\s+def|def|class)\s+[tT]est
    |\bif\s+(False|0|None|not\s+True|TYPE_CHECKING|typing\.TYPE_CHECKING)\s*:|while\s+(0|False)
    |@property|def\s+__(init|new)__|pytest\.exit|exitstatus|\b_exit\b|def\s+pytest_|collect_ignore
    |import\s+.*\bexit\b
    |parametrize\([^\[\n]*\[\s*\]|parametrize\([^\n]*[,=]\s*\(\s*\)|^\s*\w+\s*(:[^=\n]*)?=\s*(\[\s*\]|\(\s*\)|list\(\))\s*$
    |^\s+return(\s+(None|True|False))?\s*(\#.*)?$
    |^\s*@(?!pytest\b|(static|class)method\b|(unittest\.)?mock\.|patch\b|fixture\b|given\b|settings\b
        |(contextlib\.)?(async)?contextmanager\b|functools\.|override\b|dataclass|abstractmethod\b
        |abc\.|overload\b|asyncio\.|pytest_asyncio\.|parametrize\b|mark\.parametrize\b)
    """,
    re.VERBOSE | re.MULTILINE,
)
_TESTS = re.compile(rb"^([ \t]*(?:async\s+)?def|class)\s+([tT]est\w*)", re.MULTILINE)
_BOUND = re.compile(
    rb"""pytestmark|^globals\(\)|^[ \t]*(?:del\s+[\w.]*\btest|test\w*\s*=|Test\w*\.\w+\s*=)
    |^[\w.]+\((?:Test\w*|\w+Tests?|\w+Case)\b""",
    re.VERBOSE | re.MULTILINE,
)


def may_silence(data: bytes) -> bool:
    """Return whether a module may hold anything that silences a test."""
    if _WORDS.search(data) or _BOUND.search(data):
        return True
    names = _TESTS.findall(data)
    return len(set(names)) < len(names)


def helper_words(project: Project, paths: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern of the names in the modules at `paths` by which other modules may skip."""
    names: set[str] = set()
    for path in paths:
        if b"skip" not in (project.snapshot.read(path) or b"").lower():
            continue
        module = project.module(path)
        for node in module.tree.body if module is not None else ():
            if isinstance(node, DEFINITIONS) and not node.name.startswith("pytest_"):
                assert module is not None
                text = module.segment(node.lineno, node.end_lineno or node.lineno)
                if "skip" in text.lower() and "fixture" not in decorator_names(node):
                    names.add(re.escape(node.name))
    return re.compile(rf"\b({'|'.join(sorted(names))})\b") if names else None


def telling_words(evaluator: Evaluator, module: Module) -> re.Pattern[str]:
    """Return a pattern that stands in the text of every function that may hold a skip site.

    These are the words of skipping, and the module's own names for things that skip.
    """
    scope = evaluator.module_scope(module)
    if "*" in scope.bindings:
        return re.compile("")
    names = {
        re.escape(name)
        for name in scope.bindings
        if _may_skip(evaluator, evaluator.name(name, scope, (1 << 30, 0)))
    }
    own = "|".join(sorted(names | _methods(evaluator, module)))
    return re.compile(
        r"skip|Skip|xfail|param\(|_markers?\b|applymarker" + (rf"|\b({own})\b" if own else "")
    )


def _methods(evaluator: Evaluator, module: Module) -> set[str]:
    """Return the names of methods that may skip, of the module's classes and their bases."""
    scope = evaluator.module_scope(module)
    found: set[str] = set()
    for bindings in scope.bindings.values():
        node = bindings[-1].node
        if not isinstance(node, ast.ClassDef):
            continue
        for cls in ancestry(evaluator, Cls(node, module, scope)):
            if isinstance(cls, Cls):
                found.update(
                    re.escape(method.name)
                    for method in cls.node.body
                    if isinstance(method, FUNCTIONS)
                    and not method.name.startswith(("test", "setUp", "setup", "__"))
                    and may_skip(evaluator, Func(method, cls.module, scope))
                )
    return found


def _may_skip(evaluator: Evaluator, value: Value) -> bool:
    if isinstance(value, Func):
        return may_skip(evaluator, value)
    if isinstance(value, Cls):
        return bool(value.node.bases) and skip_exception(evaluator, value) is not None
    if isinstance(value, ModuleValue):
        return evaluator.project.is_telling(value.path)
    if isinstance(value, Ref):
        return value.name.startswith(("pytest.skip", "pytest.xfail", "pytest.param", "unittest.S"))
    return isinstance(value, Partial)
