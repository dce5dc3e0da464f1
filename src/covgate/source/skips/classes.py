"""Say whether a class is a unittest test case, through bases in other modules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from covgate.source.skips.external import SKIP_EXCEPTIONS, TEST_CASES
from covgate.source.skips.values import Cls, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.source.skips.evaluate import Evaluator

Kind = Literal["case", "plain", "unknown"]
MAX_BASES = 12


def ancestry(evaluator: Evaluator, cls: Cls, depth: int = 0) -> Iterator[Cls | Ref | None]:
    """Yield the class and its ancestors; None for a base that cannot be told."""
    yield cls
    if depth > MAX_BASES:
        return
    for base in cls.node.bases:
        if isinstance(base, ast.Subscript):
            continue
        found = evaluator.evaluate(base, cls.scope, (cls.node.lineno, cls.node.col_offset))
        if isinstance(found, Cls):
            if found.node is not cls.node:
                yield from ancestry(evaluator, found, depth + 1)
        elif isinstance(found, Ref):
            yield found
        elif not (isinstance(base, ast.Name) and base.id in ("object", "Generic", "ABC")):
            yield None


def class_kind(evaluator: Evaluator, cls: Cls) -> Kind:
    """Return "case" for a unittest test case, "unknown" when a base cannot be told."""
    kind: Kind = "plain"
    for ancestor in ancestry(evaluator, cls):
        if ancestor is None:
            kind = "unknown"
        elif isinstance(ancestor, Ref):
            if ancestor.name in TEST_CASES or ancestor.name.rpartition(".")[2].endswith("TestCase"):
                return "case"
            if not ancestor.name.startswith(("abc.", "typing.", "builtins.", "collections.")):
                kind = "unknown"
    return kind


def is_test_case(evaluator: Evaluator, cls: Cls) -> bool:
    return class_kind(evaluator, cls) == "case"


def may_be_test_case(evaluator: Evaluator, cls: Cls) -> bool:
    return class_kind(evaluator, cls) != "plain"


def skip_exception(evaluator: Evaluator, cls: Cls) -> str | None:
    """Return the exception by which tests are skipped that a class is derived from, if any."""
    for ancestor in ancestry(evaluator, cls):
        if isinstance(ancestor, Ref) and ancestor.name in SKIP_EXCEPTIONS:
            return ancestor.name
    return None


def is_trial_case(evaluator: Evaluator, cls: Cls) -> bool:
    """Return whether a class is a test case of twisted's trial."""
    return any(
        isinstance(ancestor, Ref) and ancestor.name.startswith("twisted.trial.")
        for ancestor in ancestry(evaluator, cls)
    )
