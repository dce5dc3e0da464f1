"""`covgate check --verify`: the whole suite after the verdict, to see whether it was right.

What was predicted wrongly is named together with the trace that misled, and that trace is dropped.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from covgate.gate import comparing
from covgate.gate.evidence import open_archive
from covgate.gate.inspecting import inputs_of
from covgate.gate.ruling import Facts, rule_on
from covgate.gate.scope import measured_files, runs_git
from covgate.gate.testing import tested_once, whole_suite
from covgate.gate.whole import whole_run
from covgate.git.repository import scratch_folder
from covgate.impact.selection import Selection
from covgate.report.answer import Difference, Verified, WrongTrace
from covgate.rules.finding import Finding
from covgate.run.interpreter import find_interpreter
from covgate.traces.store import DAMAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.coverage.project import ProjectCoverage
    from covgate.gate.comparing import Mismatch
    from covgate.gate.evidence import Archive
    from covgate.gate.ruling import Ruled
    from covgate.gate.surroundings import Surroundings
    from covgate.gate.testing import Tested
    from covgate.report.answer import Answer
    from covgate.traces.model import Evidence, Trace

RULE = "verification"
_SHOWN = 3


class Prediction(NamedTuple):
    """All that a check has found: what is to be verified."""

    change: Change
    settings: Settings
    selection: Selection
    tested: Tested | None
    ruled: Ruled
    project: ProjectCoverage | None


def is_sampled(share: float, tree: str) -> bool:
    """Whether the check of a tree is among the share that verifies by itself.

    The tree decides, so that the same question gets the same answer everywhere.
    """
    number = int(hashlib.sha256(f"verify {tree}".encode()).hexdigest()[:12], 16)
    return number < share * 16**12


def verified(around: Surroundings, made: Prediction, answer: Answer, why: str) -> Answer:
    """Return the answer with what the whole suite says of it.

    A difference that the verdict depends on blocks. Raises `CovgateError` when the whole suite
    does not come to its end.
    """
    if made.tested is not None and made.selection.everything and made.tested.result.is_suite:
        ran = len(made.tested.result.tests)
        return replace(answer, verified=Verified(f"{why}; the check ran everything", ran, 0.0))
    began = time.perf_counter()
    python = find_interpreter(
        around.repo.top, around.repo.main_top, made.settings.python, around.env
    ).python
    scratch = scratch_folder(around.repo)
    around = around._replace(scratch=scratch)
    archive = open_archive(around, made.change.target, made.settings, python)
    try:
        with archive.store:
            full = _whole_suite(around, made, archive)
            mismatches = _mismatches(around, made, full)
            differences, wrong = _explained(archive, made, mismatches)
            archive.store.drop(wrong)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    seconds = round(time.perf_counter() - began, 4)
    found = Verified(why, len(full.result.tests), seconds, tuple(differences), len(wrong))
    return _with(answer, found)


def _whole_suite(around: Surroundings, made: Prediction, archive: Archive) -> Tested:
    try:
        is_recorded = bool(archive.suite)
    except DAMAGE as error:
        archive.give_up(error)
        is_recorded = False
    settings = made.settings
    job = whole_suite(settings)._replace(
        measure=measured_files(made.change),
        measure_all=True,
        trace=is_recorded,
    )
    uses_git = runs_git(around.repo, made.change)
    return tested_once(around, made.change, settings, job, uses_git, archive)


def _mismatches(around: Surroundings, made: Prediction, full: Tested) -> list[Mismatch]:
    everything = Selection(everything=True)
    facts = Facts(around.repo.top, made.change, made.settings, everything, full)
    ruled = rule_on(facts, frozenset({"tests-fail", "diff-coverage"}))
    checked = made.tested.result if made.tested else None
    return [
        *comparing.outcomes(made.selection, checked, full.result),
        *comparing.lines(made.ruled.lines, ruled.lines),
        *comparing.project(made.project, whole_run(everything, full)),
    ]


# -- which traces misled -----------------------------------------------------------------------


def _explained(
    archive: Archive, made: Prediction, mismatches: Iterable[Mismatch]
) -> tuple[list[Difference], frozenset[int]]:
    """Return the differences with the traces that were wrong, and those to drop."""
    found: list[Difference] = []
    wrong: set[int] = set()
    held = made.selection.held
    mismatches = list(mismatches)
    after: Evidence | None = None
    try:
        if mismatches and archive.suite:
            archive.choose()
            after = archive.evidence
    except DAMAGE as error:
        archive.give_up(error)
    newest: dict[str, Trace] = {}
    for trace in after.traces if after else ():
        newest.setdefault(trace.test, trace)
    for one in mismatches:
        misled = [held[test] for test in _misled(archive, made, one, newest) if test in held]
        known = {trace.id for trace in after.traces} if after else set()
        flaky = [t for t in misled if t.test in newest and _is_same(t, newest[t.test])]
        wrong |= {
            other.id
            for trace in misled
            if trace not in flaky
            for other in (after.traces if after else ())
            if other.test == trace.test
            and other.id != newest[trace.test].id
            and other.outcome == trace.outcome
            and _holds_like(other, trace, archive)
        }
        traces = tuple(_described(after, trace) for trace in misled if after and trace.id in known)
        happened = one.happened
        if flaky and one.kind == "outcome":
            happened += " with the same trace: the test is flaky"
        found.append(Difference(one.kind, one.thing, one.predicted, happened, one.matters, traces))
    return found, frozenset(wrong)


def _is_same(old: Trace, new: Trace) -> bool:
    """Whether the new run depended on exactly what the old one did."""
    return old.id != new.id and old.sets == new.sets


def _holds_like(other: Trace, wrong: Trace, archive: Archive) -> bool:
    """Whether another trace of the test would mislead in the same way."""
    return other.id == wrong.id or other.id in archive.holding(other.test)


def _misled(
    archive: Archive, made: Prediction, one: Mismatch, newest: Mapping[str, Trace]
) -> list[str]:
    """Return the tests whose traces predicted wrongly."""
    if one.kind == "outcome":
        return [one.thing]
    if one.kind == "collection" or not made.selection.held:
        return []
    ran = archive.store.lines_of_path(one.thing)
    carried = made.selection.carried.get(one.thing)
    blob = archive.tree.blob(one.thing)
    found = []
    for test, trace in made.selection.held.items():
        if carried is not None:
            before = carried.by_test.get(trace.id, frozenset())
        else:
            before = ran.get(trace.id, ("", frozenset()))[1]
        new = newest.get(test)
        then, after = ran.get(new.id, ("", frozenset())) if new else ("", frozenset[int]())
        told, true = (after, before) if one.is_gain else (before, after)
        if then in (blob, "") and one.lines & told - true:
            found.append(test)
    return found


def _described(evidence: Evidence, trace: Trace) -> WrongTrace:
    recorded = datetime.fromtimestamp(trace.at, UTC).isoformat(timespec="seconds")
    kinds = {"body": "functions", "module": "modules", "file": "files", "env": "variables"}
    parts = []
    for kind, many in kinds.items():
        inputs = inputs_of(evidence, trace, (kind,))
        names = [f"{key} of {path}" if kind == "body" else key or path for _, path, key in inputs][
            :_SHOWN
        ]
        if names:
            more = f" and {len(inputs) - len(names)} more" if len(inputs) > len(names) else ""
            parts.append(f"{many} {', '.join(names)}{more}")
    return WrongTrace(trace.id, trace.test, recorded, "; ".join(parts) or "nothing of the project")


# -- the answer --------------------------------------------------------------------------------


def _with(answer: Answer, found: Verified) -> Answer:
    findings = [
        Finding(
            RULE,
            _sentence(one),
            path=one.thing.partition("::")[0] or None,
            help="the evidence that misled was dropped; please report what it did not see "
            "(docs/soundness.md), or `covgate record --afresh` when the project breaks an "
            "assumption there",
        )
        for one in found.differences
        if one.matters
    ]
    minor = tuple(_sentence(one) for one in found.differences if not one.matters)
    return replace(
        answer,
        verdict="block" if findings else answer.verdict,
        findings=(*answer.findings, *findings),
        notes=(*answer.notes, *minor),
        verified=found,
    )


def _sentence(one: Difference) -> str:
    text = f"{one.thing}: predicted {one.predicted}; in the whole suite {one.happened}"
    for trace in one.traces[:_SHOWN]:
        text += (
            f"; wrong was trace {trace.id} of {trace.test}, recorded {trace.recorded}, "
            f"which depended on {trace.depends_on}"
        )
    return text
