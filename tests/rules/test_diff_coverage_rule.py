"""`diff-coverage`: exact fractions, targets by path, allowances, and where findings point."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from covgate.config.model import DiffCoverage, PathTarget
from covgate.coverage.changed import ChangedStatements
from covgate.rules.diff_coverage import find, percent_of, target_of


def file(covered: int, missing: int, imported: bool = True) -> ChangedStatements:
    """A file with so many statements, the missing ones last."""
    total = covered + missing
    return ChangedStatements(
        tuple(range(1, covered + 1)), tuple(range(covered + 1, total + 1)), imported=imported
    )


@pytest.mark.parametrize(
    ("covered", "missing", "target", "passes", "percent"),
    [
        (199, 51, 79.5, True, 79.6),
        (199, 51, 79.6, True, 79.6),
        (199, 51, 79.61, False, 79.6),
        (159, 41, 79.5, True, 79.5),
        (159, 41, 80, False, 79.5),
        (20000, 1, 100, False, 99.99),
        (99999, 1, 100, False, 99.99),
        (99999, 1, 99.999, True, 99.99),
        (20001, 0, 100, True, 100.0),
        (2, 1, 66.66, True, 66.66),
        (2, 1, 66.67, False, 66.66),
        (1, 2, 33.33, True, 33.33),
        (0, 1, 0, True, 0.0),
        (0, 1, 0.1, False, 0.0),
        (7, 3, 70, True, 70.0),
        (29, 71, 29, True, 29.0),
        (0, 0, 100, True, None),
    ],
)
def test_exact_fractions(
    covered: int, missing: int, target: float, passes: bool, percent: float | None
) -> None:
    outcome = find({"m.py": file(covered, missing)}, DiffCoverage(target=target), "error")
    assert (not outcome.findings) is passes
    assert outcome.percent == percent


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 1000))
def test_passes_exactly_when_the_fraction_reaches_the_target(
    covered: int, missing: int, tenths: int
) -> None:
    files = {"m.py": file(covered, missing)}
    outcome = find(files, DiffCoverage(target=tenths / 10), "error")
    lines = covered + missing
    enough = not lines or Fraction(100 * covered, lines) >= Fraction(tenths, 10)
    assert (not outcome.findings) is enough
    if lines:
        shown = percent_of(files)
        assert shown is not None
        exact = Fraction(100 * covered, lines)
        assert Fraction(str(shown)) <= exact < Fraction(str(shown)) + Fraction(1, 100)


@pytest.mark.parametrize(
    ("settings", "severity", "noted"),
    [
        (DiffCoverage(target=80), "error", ""),
        (DiffCoverage(target=80, max_missing=1), "note", "max-missing allows 1"),
        (DiffCoverage(target=80, max_missing=2), "note", "max-missing allows 2"),
        (DiffCoverage(target=80, min_lines=5), "note", "fewer than 5 lines"),
        (DiffCoverage(target=80, min_lines=3), "note", "fewer than 3 lines"),
        (DiffCoverage(target=80, min_lines=2), "error", ""),
    ],
)
def test_allowances(settings: DiffCoverage, severity: str, noted: str) -> None:
    outcome = find({"m.py": file(1, 1)}, settings, "error")
    assert [finding.severity for finding in outcome.findings] == [severity]
    assert all(noted in note for note in outcome.notes)
    assert bool(outcome.notes) is bool(noted)


def test_allowances_count_all_files_of_a_target_together() -> None:
    files = {"a.py": file(0, 1), "b.py": file(0, 1)}
    outcome = find(files, DiffCoverage(target=80, max_missing=1), "error")
    assert {finding.severity for finding in outcome.findings} == {"error"}


OVERRIDES = (
    PathTarget(("src/**",), 60),
    PathTarget(("src/app/legacy/**", "old.py"), 10),
    PathTarget(("**/new_*.py",), 100),
    PathTarget(("src/app",), 70),
)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("m.py", 80),
        ("old.py", 10),
        ("sub/old.py", 80),
        ("src/m.py", 60),
        ("src/app/m.py", 70),
        ("src/app/legacy/m.py", 10),
        ("src/app/legacy/deep/m.py", 10),
        ("src/application/m.py", 60),
        ("new_m.py", 100),
        ("lib/new_m.py", 100),
    ],
)
def test_target_of_a_path(path: str, target: float) -> None:
    assert target_of(path, DiffCoverage(target=80, override=OVERRIDES)) == target


def test_files_are_judged_by_target() -> None:
    files = {"m.py": file(9, 1), "old.py": file(1, 9), "src/m.py": file(1, 9)}
    outcome = find(files, DiffCoverage(target=80, override=OVERRIDES), "error")
    assert {finding.path for finding in outcome.findings} == {"src/m.py"}
    assert outcome.percent == 36.66


@pytest.mark.parametrize(
    ("covered", "uncovered", "spans"),
    [
        ((), (1,), [(1, 1)]),
        ((), (1, 2, 3), [(1, 3)]),
        ((), (1, 3), [(1, 3)]),
        ((2,), (1, 3), [(1, 1), (3, 3)]),
        ((), (1, 4), [(1, 1), (4, 4)]),
        ((5,), (1, 2, 9, 10), [(1, 2), (9, 10)]),
    ],
)
def test_spans_of_findings(
    covered: tuple[int, ...], uncovered: tuple[int, ...], spans: list[tuple[int, int]]
) -> None:
    outcome = find(
        {"m.py": ChangedStatements(covered, uncovered)}, DiffCoverage(target=100), "error"
    )
    assert [(finding.line, finding.end_line) for finding in outcome.findings] == spans


@given(st.frozensets(st.integers(1, 30)), st.frozensets(st.integers(1, 30)))
def test_findings_hold_every_uncovered_line_and_no_covered_one(
    covered: frozenset[int], uncovered: frozenset[int]
) -> None:
    statements = ChangedStatements(tuple(sorted(covered - uncovered)), tuple(sorted(uncovered)))
    outcome = find({"m.py": statements}, DiffCoverage(target=100), "error")
    named: set[int] = set()
    for finding in outcome.findings:
        assert finding.line is not None
        assert finding.end_line is not None
        named.update(range(finding.line, finding.end_line + 1))
    assert uncovered <= named
    assert not (covered - uncovered) & named


def test_words_of_findings() -> None:
    partial = ChangedStatements((), (4, 8), {8: (1, 2)})
    files = {"a.py": partial, "b.py": file(0, 2, imported=False)}
    messages = [f.message for f in find(files, DiffCoverage(target=100), "warning").findings]
    assert messages == [
        "1 changed line is not run by any test",
        "only 1 of 2 exits of this line are taken by tests",
        "2 changed lines are unmeasured: no test imports the file",
    ]
