"""What a check predicted against what the whole suite showed: every difference, as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.tests_fail import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covgate.coverage.changed import LineVerdicts
    from covgate.coverage.project import ProjectCoverage
    from covgate.impact.selection import Selection
    from covgate.run.plan import RunResult


class Mismatch(NamedTuple):
    """One prediction that was wrong.

    `kind` is "outcome", "collection", "lines" or "project"; `thing` a test or a file. `matters`
    tells that the verdict depends on it. `lines` were wrongly predicted to be covered (`is_gain`
    False) or not to be.
    """

    kind: str
    thing: str
    predicted: str
    happened: str
    matters: bool
    lines: frozenset[int] = frozenset()
    is_gain: bool = False


_ABSENT = "not collected"


def outcomes(
    selection: Selection, checked: RunResult | None, full: RunResult
) -> Iterator[Mismatch]:
    """Yield the tests that ended otherwise than predicted, or that nobody predicted to fail."""
    happened = {test.id: test.outcome for test in full.tests}
    predicted = {test: trace.outcome for test, trace in selection.held.items()}
    predicted.update((test.id, test.outcome) for test in (checked.tests if checked else ()))
    known = {node for node, _ in (checked.collect_errors if checked else ())}
    for node, _ in full.collect_errors:
        if node not in known:
            yield Mismatch("collection", node, "collected", "it can't be collected", True)
    for test in sorted({*predicted, *happened}):
        before = predicted.get(test, "")
        after = happened.get(test, _ABSENT)
        if after == _ABSENT and full.collect_errors:
            continue  # said already
        if not before and after in FAILED:
            yield Mismatch("outcome", test, "not affected", after, True)
        elif before and before != after:
            yield Mismatch("outcome", test, before, after, (before in FAILED) != (after in FAILED))


def lines(checked: LineVerdicts | None, full: LineVerdicts | None) -> Iterator[Mismatch]:
    """Yield the changed files whose uncovered lines are others than predicted."""
    if checked is None or full is None:
        return
    for path in sorted({*checked.files, *full.files}):
        before = frozenset(checked.files[path].uncovered if path in checked.files else ())
        after = frozenset(full.files[path].uncovered if path in full.files else ())
        for some, predicted, gained in (
            (after - before, "covered", False),
            (before - after, "uncovered", True),
        ):
            if some:
                happened = "uncovered" if predicted == "covered" else "covered"
                said = ", ".join(map(str, sorted(some)))
                yield Mismatch(
                    "lines", path, f"lines {said}: {predicted}", happened, True, some, gained
                )


def project(checked: ProjectCoverage | None, full: ProjectCoverage | None) -> Iterator[Mismatch]:
    """Yield the files whose coverage is not what was predicted; inexact numbers predict nothing."""
    if checked is None or full is None or not (checked.exact and full.exact):
        return
    before: Mapping[str, object] = checked.files
    for path in sorted({*before, *full.files}):
        one, two = checked.files.get(path), full.files.get(path)
        if one == two:
            continue
        gained = (one.missing if one else frozenset()) - (two.missing if two else frozenset())
        lost = (two.missing if two else frozenset()) - (one.missing if one else frozenset())
        yield Mismatch(
            "project",
            path,
            f"{one.counts.percent:g} %" if one else "not part of it",
            f"{two.counts.percent:g} %" if two else "not part of it",
            True,
            lost or gained,
            not lost,
        )
