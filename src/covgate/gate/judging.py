"""Judge one change: every stage in turn, and the verdict from what they found."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from math import inf
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
from covgate.gate.receipts import Asked, Found, begin, find, keep
from covgate.gate.ruling import RULES, Facts, rule_on, with_failures
from covgate.gate.showing import shown_sources
from covgate.gate.surroundings import Surroundings
from covgate.gate.turns import turn
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
    from covgate.gate.receipts import Start
    from covgate.gate.ruling import Ruled
    from covgate.gate.testing import Tested
    from covgate.git.repository import Repository
    from covgate.impact.selection import Selection
    from covgate.report.answer import Verdict

# Even when the budget is spent before they start: an interpreter needs that much to say anything.
_LEAST_S = 0.2
# pytest's exit codes of a run whose outcome is no chance: passed, failed, not collected.
_ENDED = (0, 1, 2)
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
        around = Surroundings(repo, git, scratch, question.env, question.color, question.ahead)
        asked = Asked(change, settings, day, (question.only, question.run_all))
        may_repeat = question.receipts and not question.whole_files
        # Who may not wait long for the tests may not wait long for others who run them either.
        patience = budget.seconds if budget else inf
        own_turn = turn(repo, asked.name, ahead=question.ahead, patience=patience)
        with own_turn if may_repeat else nullcontext():
            found = find(around, asked) if may_repeat else Found()
            if may_repeat:
                watch.lap("receipt")
            if found.answer is not None:
                known = replace(found.answer, timing=watch.rounded())
                judgement = Judgement(known, around, change, settings, None, None, None, None)
            else:
                start = begin(around, asked) if question.ahead else None
                judgement = _answer(question, repo, change, settings, day, around, watch, budget)
                judgement = _telling(_keep(judgement, asked, in_full, start), found)
                watch.lap("receipt")
        yield judgement


def _telling(judgement: Judgement, found: Found) -> Judgement:
    """Return the judgement with why what was judged ahead was of no use."""
    if not found.void:
        return judgement
    note = f"judged anew: `covgate watch` judged under other circumstances: {found.void}"
    answer = judgement.answer
    return judgement._replace(answer=replace(answer, notes=(*answer.notes, note)))


def _keep(judgement: Judgement, asked: Asked, in_full: bool, start: Start | None) -> Judgement:
    """Put a pass on record; one that knows too little to be repeated is a pass all the same.

    What was judged ahead blocks the commit as well, if its tests came to their end.
    """
    tested, settings, answer = judgement.tested, judgement.settings, judgement.answer
    blocks = start is not None and answer.verdict == "block" and tested is not None
    if blocks and tested is not None:
        is_whole = tested.result.status in _ENDED and not tested.result.timed_out
        blocks = is_whole and answer.verified is None
    if answer.verdict != "pass" and not blocks:
        return judgement._replace(unkept="the tests did not come to their end")
    # How long tests take is another matter each time.
    timed = settings.suite_budget.max_total, settings.suite_budget.max_test
    repeatable = tested is not None and timed == (None, None) and not tested.problem
    result = tested.result if tested is not None and repeatable else None
    why = keep(judgement.around, asked, answer, result, in_full=in_full, start=start)
    if tested is not None and not repeatable:
        why = tested.problem or "the suite has a time budget"
    return judgement._replace(unkept=why)


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
    answer, around, change, settings, selection, tested, _, project, _ = judgement
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
