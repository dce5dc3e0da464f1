"""The coverage of what a change is compared with: remembered, or found out by running its tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from covgate.config.reading import read_settings
from covgate.errors import CovgateError
from covgate.gate.testing import test_change, whole_suite
from covgate.gate.whole import whole_run
from covgate.impact.selection import Selection

if TYPE_CHECKING:
    from covgate.change.model import Change
    from covgate.coverage.history import History
    from covgate.coverage.project import ProjectCoverage
    from covgate.gate.surroundings import Surroundings


def base_coverage(
    around: Surroundings, change: Change, history: History, python: str, *, may_run: bool = True
) -> ProjectCoverage | None:
    """Return the exact coverage of the base, None when there is no base or it can't be had.

    Of several bases (a merge) the one with the least coverage that is known counts: what the
    other side lost is not the merge's fault. The tests of a single base that is not known yet run
    once; its coverage is then remembered.
    """
    trees = [base.tree for base in change.bases if base.commit is not None]
    known = history.load_all(trees)
    if known or len(trees) != 1 or not may_run:
        return min(known.values(), key=lambda coverage: coverage.counts.ratio, default=None)
    try:
        return _run(around, change, history, python)
    except CovgateError:
        return None


def _run(
    around: Surroundings, change: Change, history: History, python: str
) -> ProjectCoverage | None:
    before = change.before[0]
    settings = replace(read_settings(before), python=python)
    scratch = around.scratch / "base"
    scratch.mkdir()
    job = whole_suite(settings)._replace(
        measure_all=True,
    )
    asked = replace(change, target=before, files=(), since_first=())
    around = around._replace(scratch=scratch, env={**around.env, "COVGATE_PYTHON": python})
    tested = test_change(around, asked, settings, job, True, None)
    coverage = whole_run(Selection(everything=True), tested)
    if coverage is None or not coverage.exact:
        return None
    history.store(before.tree, coverage)
    return coverage
