"""`error-paths`: new ways of failing are tested, too."""

from __future__ import annotations

import ast
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from covgate.coverage.changed import is_tooling
from covgate.coverage.standing import exactly
from covgate.coverage.waivers import ended, until
from covgate.rules.finding import Finding
from covgate.rules.severity import severity_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covgate.change.model import Change, FileChange
    from covgate.config.plan import ErrorPaths
    from covgate.coverage.waivers import Waivers
    from covgate.run.plan import MeasuredFile

RULE = "error-paths"


class _Way(NamedTuple):
    """One new way of failing: where it stands, the word that makes it one, whether it ran."""

    path: str
    line: int
    word: str
    is_covered: bool


def find(
    change: Change,
    measured: Mapping[str, MeasuredFile],
    settings: ErrorPaths,
    waivers: Waivers,
) -> list[Finding]:
    """Return a finding for each new way that no test takes, when too few are taken."""
    if change.mode == "all":
        return []  # nothing of it is new
    ways = [
        way
        for file in change.files
        if (facts := measured.get(file.path)) and facts.measured and not is_tooling(file.path)
        for way in _new_ways(change, file, facts)
    ]
    covered = sum(way.is_covered for way in ways)
    if not ways or Fraction(covered * 100, len(ways)) >= exactly(settings.share):
        return []
    paths = sorted({way.path for way in ways if not way.is_covered})
    said = f"{covered} of {len(ways)} new error paths are tested, {settings.share:g}% must be"
    waiver = waivers.live(RULE, paths)
    if waiver is not None and covered * 100 / len(ways) >= float(waiver.value or 0):
        return [Finding(RULE, f"{said}; waived {until(waiver)}", severity="note")]
    said += ended(waivers.expired(RULE, paths))
    severity = severity_of(settings.level)
    return [
        Finding(
            RULE,
            f"no test takes this `{way.word}`: {said}",
            way.path,
            way.line,
            help="add a test in which it happens",
            severity=severity,
        )
        for way in ways
        if not way.is_covered
    ]


def _new_ways(change: Change, file: FileChange, facts: MeasuredFile) -> Iterator[_Way]:
    data = change.target.read(file.path)
    try:
        tree = ast.parse(data or b"")
    except (SyntaxError, ValueError, RecursionError):
        return  # what coverage can't read is no measured file; what only we can't is left alone
    seen: set[int] = set()
    for word, header, first in sorted(_ways(tree), key=lambda way: way[2].lineno):
        line = first.lineno
        is_new = line in file.lines or header in file.lines
        if is_new and line not in seen and line in facts.executed | facts.missing:
            seen.add(line)
            yield _Way(file.path, line, word, line in facts.executed)


def _ways(tree: ast.AST) -> Iterator[tuple[str, int, ast.stmt]]:
    """Yield word, line of the header and first statement of each way of failing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            yield "except", node.lineno, node.body[0]
        elif isinstance(node, (ast.Try, ast.TryStar)) and node.finalbody:
            yield "finally", node.finalbody[0].lineno, node.finalbody[0]
        elif isinstance(node, ast.Raise):
            yield "raise", node.lineno, node
