"""`diff-coverage`: the changed lines must be run by tests."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from covgate.config.globs import specificity
from covgate.rules.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from covgate.config.model import DiffCoverage
    from covgate.coverage.changed import ChangedStatements

RULE = "diff-coverage"


class Outcome(NamedTuple):
    """Findings, notes on allowances, and the percentage, rounded down (None: nothing to judge)."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    percent: float | None


class Numbers(NamedTuple):
    """Measured changed lines, and those of them that are not covered."""

    lines: int
    missing: int


class _Group(NamedTuple):
    target: float
    files: Mapping[str, ChangedStatements]

    def counts(self) -> Numbers:
        """Return diff-cover's own totals; it is imported only where a line is not covered."""
        if not any(file.uncovered for file in self.files.values()):
            return Numbers(sum(len(set(file.covered)) for file in self.files.values()), 0)
        from covgate.coverage.diff_cover import count

        return Numbers(*count(self.files, "base"))


def find(
    files: Mapping[str, ChangedStatements], settings: DiffCoverage, severity: Severity
) -> Outcome:
    """Judge the changed statements by the target of their path, in exact fractions."""
    findings: list[Finding] = []
    notes: list[str] = []
    for group in _groups(files, settings):
        lines, missing = group.counts()
        if not missing or Fraction(lines - missing, lines) * 100 >= Fraction(str(group.target)):
            continue
        allowed = _allowance(lines, missing, settings)
        said = f"{missing} of {lines} changed lines not covered, target {group.target:g}%"
        if allowed:
            notes.append(f"{said}: passed because {allowed}")
        findings += _findings(group, "note" if allowed else severity)
    return Outcome(tuple(findings), tuple(notes), percent_of(files))


def percent_of(files: Mapping[str, ChangedStatements]) -> float | None:
    """Return the percentage of covered changed lines, cut (not rounded) to two places."""
    lines, missing = _Group(0, files).counts()
    return (lines - missing) * 10000 // lines / 100 if lines else None


def _groups(files: Mapping[str, ChangedStatements], settings: DiffCoverage) -> Iterator[_Group]:
    """Split the files by target: those with a target of their own are judged on their own."""
    by_target: dict[float, dict[str, ChangedStatements]] = {}
    for path, file in files.items():
        by_target.setdefault(target_of(path, settings), {})[path] = file
    for target, some in sorted(by_target.items()):
        yield _Group(target, some)


def target_of(path: str, settings: DiffCoverage) -> float:
    """Return the target of a path: that of its most specific override, else the general one."""
    fitting = [
        (fit, override.target)
        for override in settings.override
        for glob in override.paths
        if (fit := specificity(glob, path)) is not None
    ]
    return max(fitting)[1] if fitting else settings.target


def _allowance(lines: int, missing: int, settings: DiffCoverage) -> str:
    if missing <= settings.max_missing:
        return f"max-missing allows {settings.max_missing}"
    if lines < settings.min_lines:
        return f"changes of fewer than {settings.min_lines} lines are not judged (min-lines)"
    return ""


_NOT_RUN = (
    "not run by any test",
    "add a test that runs it, or exclude it: `# pragma: no cover - why`",
)
_NOT_IMPORTED = (
    "unmeasured: no test imports the file",
    "add a test that imports it, or leave the file out: `exclude` in [tool.covgate.diff-coverage]",
)


def _findings(group: _Group, severity: Severity) -> Iterator[Finding]:
    for path, file in sorted(group.files.items()):
        whole = [line for line in file.uncovered if line not in file.partial]
        for first, last in _ranges(whole, file.covered):
            count = sum(first <= line <= last for line in whole)
            what = "changed line is" if count == 1 else "changed lines are"
            where, advice = _NOT_RUN if file.imported else _NOT_IMPORTED
            yield Finding(
                RULE,
                f"{count} {what} {where}",
                path,
                first,
                last,
                help=advice,
                severity=severity,
            )
        for line, (taken, exits) in sorted(file.partial.items()):
            yield Finding(
                RULE,
                f"only {taken} of {exits} exits of this line are taken by tests",
                path,
                line,
                line,
                help="add a test for the way that is never taken",
                severity=severity,
            )


def _ranges(lines: Sequence[int], covered: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Merge uncovered lines with no covered one between them, when they stand close together."""
    if not lines:
        return
    first = last = lines[0]
    for line in lines[1:]:
        if line - last <= 2 and not any(last < other < line for other in covered):
            last = line
            continue
        yield first, last
        first = last = line
    yield first, last
