"""Judge one change: every stage in turn, and the verdict from what they found."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from covgate.change.occasion import observe
from covgate.change.reading import read_change
from covgate.change.stage import stage_of
from covgate.coverage.today import today
from covgate.errors import CovgateError
from covgate.gate.budget import budget_of, open_finding
from covgate.gate.impacted import run_impacted
from covgate.gate.policing import OF_RUNS
from covgate.gate.question import Judgement, Stopwatch
from covgate.gate.receipts import Asked, find, keep
from covgate.gate.ruling import RULES, Facts, rule_on, with_failures
from covgate.gate.showing import shown_sources
from covgate.gate.surroundings import Surroundings
from covgate.gate.whole import apply_policy, read_agreed
from covgate.git.opening import opened
from covgate.report.answer import (
    Answer,
    DiffCoverageResult,
    FileLines,
    ProjectCoverageResult,
    TestResult,
    Tests,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.coverage.project import ProjectCoverage
    from covgate.gate.budget import Budget
    from covgate.gate.question import Question
    from covgate.gate.ruling import Ruled
    from covgate.gate.testing import Tested
    from covgate.git.repository import Repository
    from covgate.impact.selection import Selection
    from covgate.report.answer import Verdict

# Even when the budget is spent before they start: an interpreter needs that much to say anything.
_LEAST_S = 0.2
NEED_TESTS = frozenset(
    {"tests-fail", "diff-coverage", "untracked-dependency", "test-first", *OF_RUNS}
)


def judge(question: Question) -> Answer:
    """Return the answer; raises `CovgateError` when there is none."""
    with judged(question) as judgement:
        return judgement.answer


@contextmanager
def judged(question: Question) -> Iterator[Judgement]:
    """Yield the answer with what it was made from, while the scratch folder of the run exists."""
    watch = question.watch or Stopwatch()
    with opened(question.folder, question.env) as (repo, git, scratch, reader):
        occasion = observe(repo.top, repo.git_dir, question.env)
        change = read_change(repo, git, reader, scratch, question.request, occasion)
        watch.lap("change")
        day = today(question.env)
        own, settings = read_agreed(change, day, question.adjust)
        in_full = question.only is None and replace(question.adjust(own), python=own.python) == own
        watch.lap("settings")
        budget = budget_of(settings, question.stage or stage_of(occasion, question.env))
        around = Surroundings(repo, git, scratch, question.env, question.color)
        asked = Asked(change, settings, day, (question.only, question.run_all))
        known = find(around, asked) if question.receipts and not question.whole_files else None
        if known is not None:
            watch.lap("receipt")
            known = replace(known, timing=watch.rounded())
            yield Judgement(known, around, change, settings, None, None, None, None)
            return
        judgement = _answer(question, repo, change, settings, day, around, watch, budget)
        if judgement.answer.verdict == "pass":
            _keep(judgement, asked, in_full)
            watch.lap("receipt")
        yield judgement


def _keep(judgement: Judgement, asked: Asked, in_full: bool) -> None:
    """Put a pass on record; one that knows too little to be repeated is a pass all the same."""
    tested, settings = judgement.tested, judgement.settings
    # How long tests take is another matter each time.
    timed = settings.suite_budget.max_total, settings.suite_budget.max_test
    repeatable = tested is not None and timed == (None, None) and not tested.problem
    keep(
        judgement.around,
        asked,
        judgement.answer,
        tested.result if tested is not None and repeatable else None,
        in_full=in_full,
    )


def _answer(
    question: Question,
    repo: Repository,
    change: Change,
    settings: Settings,
    day: date,
    around: Surroundings,
    watch: Stopwatch,
    budget: Budget | None,
) -> Judgement:
    rules = question.only if question.only is not None else frozenset(RULES)
    selection: Selection | None = None
    tested: Tested | None = None
    limited = _within(budget, settings, watch)
    if rules & NEED_TESTS and (change.since_first or question.run_all):
        selection, tested = run_impacted(question, repo, change, limited, around, watch)
    is_over = limited is not settings and tested is not None and tested.result.timed_out
    stopped = tested if is_over else None
    judged_run = None if stopped else tested
    memory = repo.shared_state / "judged.sqlite"
    facts = Facts(repo.top, change, settings, selection, judged_run, memory=memory)
    if judged_run is not None and not judged_run.result.timed_out:
        facts = _look_again(facts, around, rules)
        watch.lap("tests")
    ruled = rule_on(facts, rules)
    if stopped and budget:
        ruled = with_failures(ruled, stopped.result, settings, rules)
    may_run_base = budget is None
    ruled, project = apply_policy(
        around, change, settings, day, selection, judged_run, ruled, rules, may_run_base
    )
    watch.lap("rules")
    blocked = any(finding.severity == "error" for finding in ruled.findings)
    verdict: Verdict = "block" if blocked else "pass"
    if stopped and budget:
        found = open_finding(budget, stopped.result, repo, change.target)
        if blocked:
            ruled = ruled._replace(notes=(*ruled.notes, found.message))
        else:
            verdict = "undecided"
            ruled = ruled._replace(findings=(found, *ruled.findings))
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
        timing=watch.rounded(),
        environment=tested.environment if tested else {},
        sources=shown_sources(
            change, ruled.findings, lines.files if lines and question.whole_files else ()
        ),
        output=tested.result.output if tested else "",
    )
    judgement = Judgement(answer, around, change, settings, selection, tested, lines, project)
    if stopped:
        return judgement
    return judgement._replace(answer=_verified(question, judgement, ruled))


def _within(budget: Budget | None, settings: Settings, watch: Stopwatch) -> Settings:
    """Return the settings with what is left of the budget as the time limit of the tests."""
    left = max(budget.seconds - watch.total, _LEAST_S) if budget else settings.timeout
    return replace(settings, timeout=left) if left < settings.timeout else settings


def _verified(question: Question, judgement: Judgement, ruled: Ruled) -> Answer:
    """Return the answer, compared with the whole suite where that is asked or sampled."""
    answer, around, change, settings, selection, tested, _, project = judgement
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
