"""Judge one change: every stage in turn, and the verdict from what they found."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.occasion import observe
from covgate.change.reading import read_change
from covgate.config.reading import read_settings
from covgate.coverage.today import today
from covgate.errors import CovgateError
from covgate.gate.policing import OF_RUNS
from covgate.gate.ruling import RULES, Facts, rule_on
from covgate.gate.scope import measured_files
from covgate.gate.showing import shown_sources
from covgate.gate.surroundings import Surroundings
from covgate.gate.whole import agreed, apply_policy, may_change_numbers
from covgate.git.objects import ObjectReader, private_objects
from covgate.git.repository import discover, scratch_folder
from covgate.report.answer import (
    Answer,
    DiffCoverageResult,
    FileLines,
    ProjectCoverageResult,
    TestResult,
    Tests,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.change.reading import Request
    from covgate.config.model import Settings
    from covgate.coverage.project import ProjectCoverage
    from covgate.gate.testing import Tested
    from covgate.git.repository import Repository
    from covgate.impact.selection import Selection
    from covgate.report.answer import Verdict

NEED_TESTS = frozenset(
    {"tests-fail", "diff-coverage", "untracked-dependency", "test-first", *OF_RUNS}
)


class Question(NamedTuple):
    """What is asked: of which change, by which rules (None: all), with everything run or not.

    `adjust` applies what the command line sets on top of the configuration; `whole_files` asks for
    the whole text of the changed files, which some formats show, `verify` for the whole suite to
    be compared with the answer.
    """

    folder: Path
    env: Mapping[str, str]
    request: Request
    only: frozenset[str] | None = None
    run_all: bool = False
    color: bool = False
    adjust: Callable[[Settings], Settings] = lambda settings: settings
    whole_files: bool = False
    verify: bool = False


class Stopwatch:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, phase: str) -> None:
        """Book the time since the last lap on `phase`."""
        now = time.perf_counter()
        self.seconds[phase] = self.seconds.get(phase, 0.0) + now - self._last
        self._last = now


def judge(question: Question) -> Answer:
    """Return the answer; raises `CovgateError` when there is none."""
    watch = Stopwatch()
    repo = discover(question.folder, question.env)
    scratch = scratch_folder(repo)
    git = private_objects(repo, scratch)
    reader = ObjectReader(git)
    try:
        occasion = observe(repo.top, repo.git_dir, question.env)
        change = read_change(repo, git, reader, scratch, question.request, occasion)
        watch.lap("change")
        settings = question.adjust(
            read_settings(change.target, {file.path for file in change.files})
        )
        day = today(question.env)
        settings = agreed(change, settings, day)
        watch.lap("settings")
        around = Surroundings(repo, git, scratch, question.env, question.color)
        return _answer(question, repo, change, settings, day, around, watch)
    finally:
        reader.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _answer(
    question: Question,
    repo: Repository,
    change: Change,
    settings: Settings,
    day: date,
    around: Surroundings,
    watch: Stopwatch,
) -> Answer:
    rules = question.only if question.only is not None else frozenset(RULES)
    selection: Selection | None = None
    tested: Tested | None = None
    if rules & NEED_TESTS and (change.since_first or question.run_all):
        selection, tested = _test(question, repo, change, settings, around, watch)
    memory = repo.shared_state / "judged.sqlite"
    facts = Facts(repo.top, change, settings, selection, tested, memory=memory)
    if tested is not None and not tested.result.timed_out:
        facts = _look_again(facts, around, rules)
        watch.lap("tests")
    ruled = rule_on(facts, rules)
    ruled, project = apply_policy(around, change, settings, day, selection, tested, ruled, rules)
    watch.lap("rules")
    blocked = any(finding.severity == "error" for finding in ruled.findings)
    verdict: Verdict = "block" if blocked else "pass"
    lines = ruled.lines
    answer = Answer(
        verdict=verdict,
        mode=change.mode,
        why_mode=change.why,
        base=", ".join(base.name for base in change.bases),
        tree=change.target.tree,
        findings=ruled.findings,
        tests=_tests(selection, tested),
        diff_coverage=None
        if lines is None
        else DiffCoverageResult(
            percent=ruled.percent,
            target=settings.diff_coverage.target,
            files={
                path: FileLines(file.covered, file.uncovered) for path, file in lines.files.items()
            },
        ),
        project_coverage=_project(project),
        notes=ruled.notes,
        timing={phase: round(spent, 4) for phase, spent in watch.seconds.items()},
        environment=tested.environment if tested else {},
        sources=shown_sources(
            change, ruled.findings, lines.files if lines and question.whole_files else ()
        ),
        output=tested.result.output if tested else "",
    )
    asked = "as asked" if question.verify else _sampled(settings, change)
    if not asked:
        return answer
    if selection is None:
        note = "nothing was predicted of the tests: there is nothing to verify"
        return replace(answer, notes=(*answer.notes, note))
    from covgate.gate.verifying import Prediction, verified

    made = Prediction(change, settings, selection, tested, ruled, project)
    try:
        return verified(around, made, answer, asked)
    except CovgateError as error:
        if question.verify:
            raise
        note = f"could not be compared with the whole suite: {error.message}"
        return replace(answer, notes=(*answer.notes, note))


def _sampled(settings: Settings, change: Change) -> str:
    """Return why the answer verifies itself by chance; empty when it does not."""
    if not settings.verify:
        return ""
    from covgate.gate.verifying import is_sampled

    share = f"one of the checks that `verify = {settings.verify:g}` picks"
    return share if is_sampled(settings.verify, change.target.tree) else ""


def _test(
    question: Question,
    repo: Repository,
    change: Change,
    settings: Settings,
    around: Surroundings,
    watch: Stopwatch,
) -> tuple[Selection, Tested | None]:
    """Select the tests of the change and run them; None when there is nothing to run."""
    from covgate.impact.cold import select_cold
    from covgate.source.cache import FactsCache
    from covgate.source.reader import SnapshotFacts

    facts = SnapshotFacts(change.target, FactsCache(repo.shared_state / "facts.sqlite"))
    selection = cold = select_cold(change, facts, settings, question.run_all)
    watch.lap("selection")
    measure = measured_files(change)
    if not _needs_run(selection, measure) and not around.evidence_file.exists():
        return selection, None
    from covgate.coverage.fail_under import read_fail_under
    from covgate.gate.assembly import executed_earlier
    from covgate.gate.confirming import confirm
    from covgate.gate.evidence import combine, open_archive, with_carried, without
    from covgate.gate.ordering import promising_files
    from covgate.gate.testing import tested_once
    from covgate.run.interpreter import find_interpreter
    from covgate.run.plan import Job
    from covgate.traces.store import DAMAGE

    read_fail_under(change.target)  # coverage would stop at it, without a place
    interpreter = find_interpreter(repo.top, repo.main_top, settings.python, around.env)
    archive = open_archive(around, change.target, settings, interpreter.python)
    with archive.store:
        earlier, is_recorded = "", False
        order: tuple[str, ...] = ()
        try:
            # Recording costs more than running: it goes on where `covgate record` began it.
            is_recorded = bool(archive.suite)
            if not question.run_all:
                selection = combine(archive, cold, change)
                if _needs_run(selection, measure) or may_change_numbers(change):
                    earlier = executed_earlier(archive, selection)
                order = promising_files(archive, selection, change) if is_recorded else ()
        except DAMAGE as error:
            selection, earlier = without(archive, cold, error), ""
        watch.lap("evidence")
        # What is gone changes the coverage of the project, too: then there is `earlier`.
        if not _needs_run(selection, measure) and not earlier:
            return selection, None
        uses_git = any(facts.facts(path).uses_git for path in change.target.entries)
        job = Job(
            files=None if selection.everything else tuple(sorted(selection.files)),
            ids=None,
            measure=measure,
            pytest_args=(*settings.pytest_args, *settings.test_paths),
            source_roots=settings.source_roots,
            measure_all=bool(earlier) or (selection.everything and not selection.reused),
            earlier=earlier,
            skip=tuple(sorted(selection.reused)),
            trace=is_recorded,
            order=order,
        )
        tested = tested_once(around, change, settings, job, uses_git, archive)
        selection, tested = confirm(
            around, change, settings, job, uses_git, archive, selection, tested
        )
    if tested.problem:
        tested = tested._replace(notes=(*tested.notes, tested.problem))
    watch.lap("tests")
    if selection.carried:
        numbers = tested.result.measurement
        numbers = numbers._replace(files=with_carried(numbers.files, selection.carried))
        tested = tested._replace(result=tested.result._replace(measurement=numbers))
    return selection, tested


def _needs_run(selection: Selection, measure: tuple[str, ...]) -> bool:
    return bool(selection.everything or selection.files or selection.other_tests or measure)


def _look_again(facts: Facts, around: Surroundings, rules: frozenset[str]) -> Facts:
    """Return the facts with what takes another run: what is gone, what fails before."""
    from covgate.gate.again import gone_tests, red_run

    selection, tested = facts.selection, facts.tested
    assert selection is not None
    assert tested is not None
    change, settings = facts.change, facts.settings
    if "skip-without-reason" in rules and settings.skip_without_reason.level != "off":
        gone = gone_tests(around, change, settings, selection, tested)
        facts = facts._replace(gone=gone)
    if "test-first" in rules and settings.test_first.level != "off":
        facts = facts._replace(red=red_run(around, change, settings, tested))
    return facts


def _project(project: ProjectCoverage | None) -> ProjectCoverageResult | None:
    if project is None:
        return None
    if not project.exact:
        return ProjectCoverageResult(None, False, project.why, {})
    files = {path: file.counts.percent for path, file in project.files.items()}
    return ProjectCoverageResult(project.percent, True, "", files)


def _tests(selection: Selection | None, tested: Tested | None) -> Tests:
    if selection is None or tested is None:
        return Tests()
    from covgate.rules.tests_fail import FAILED

    ran = tested.result.tests
    return Tests(
        total=len(tested.result.collected or ()) if selection.everything else None,
        reused=len(selection.reused),
        selected=tuple(
            TestResult(test.id, _why(selection, test.id, test.path), test.outcome, test.seconds)
            for test in ran
        ),
        failed=tuple(sorted(test.id for test in ran if test.outcome in FAILED)),
    )


def _why(selection: Selection, test: str, path: str) -> str:
    if test in selection.tests:
        return selection.tests[test]
    if selection.everything:
        return selection.notes[0]
    return selection.files.get(path) or selection.other_tests
