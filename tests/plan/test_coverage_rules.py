"""The rules about the whole project, by the real command on projects of known coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from policy_project import (
    COVERAGE,
    Modules,
    files_of,
    found,
    judge,
    messages,
    module,
    of_severity,
    plan,
    police_by_hand,
    test_of,
)

if TYPE_CHECKING:
    from conftest import Project

TARGET = "[tool.covgate.coverage-target]\ntarget = {}\n"
FLOOR = "[tool.covgate.coverage-floor]\nfloor = {}\n"
RATCHET = '[tool.covgate.coverage-ratchet]\nlevel = "error"\n'
COMPONENT = '[[tool.covgate.component]]\nname = "{0}"\npaths = ["app/{0}.py"]\ntarget = {1}\n'
PHASE = "[[tool.covgate.phase]]\ndate = {}\ntarget = {}\n"
WAIVER = (
    '[[tool.covgate.waiver]]\nrule = "{}"\nreason = "legacy"\nissue = "#7"\nowner = "ana"\n'
    "expires = {}\n{}\n"
)


class Case(NamedTuple):
    """A change of modules (covered, missed) under a policy, and what must block it."""

    id: str
    policy: str
    before: Modules
    after: Modules
    blocked: list[tuple[str, str | None]]
    said: str = ""
    coverage: str = COVERAGE


T, F, C, R, P = (
    "coverage-target", "coverage-floor", "coverage-component", "coverage-ratchet", "coverage-phase",
)  # fmt: skip
CASES = [
    Case("target met exactly", TARGET.format(80), {"a": (9, 1)}, {"a": (8, 2)}, []),
    Case("target missed", TARGET.format(80), {"a": (9, 1)}, {"a": (7, 3)}, [(T, None)], "70% of the project is covered, target 80%: 1 more line or branch to cover"),
    Case("target with a fraction, met", TARGET.format(66.6), {"a": (9, 1)}, {"a": (8, 4)}, []),
    Case("fail_under is honoured", "", {"a": (9, 1)}, {"a": (7, 3)}, [(T, None)], "fail_under of the coverage settings 80%", COVERAGE + "[tool.coverage.report]\nfail_under = 80\n"),
    Case("fail_under rounds as coverage does", "", {"a": (9, 1)}, {"a": (159, 41)}, [], "", COVERAGE + "[tool.coverage.report]\nfail_under = 80\n"),
    Case("a target does not round", TARGET.format(80), {"a": (9, 1)}, {"a": (159, 41)}, [(T, None)], "79.5%"),
    Case("target switched off", '[tool.covgate.coverage-target]\ntarget = 80\nlevel = "off"\n', {"a": (9, 1)}, {"a": (7, 3)}, []),
    Case("target only warns", '[tool.covgate.coverage-target]\ntarget = 80\nlevel = "warning"\n', {"a": (9, 1)}, {"a": (7, 3)}, [], "70%"),
    Case("floor: raised from below", FLOOR.format(50), {"a": (45, 55)}, {"a": (499, 501)}, [], "raised from 45%"),
    Case("floor: touched and not raised", FLOOR.format(50), {"a": (45, 55)}, {"a": (44, 56)}, [(F, "app/a.py")]),
    Case("floor: not touched", FLOOR.format(50), {"a": (45, 55), "b": (9, 1)}, {"b": (8, 1)}, [], "this change does not touch it"),
    Case("floor: fell below", FLOOR.format(50), {"a": (6, 4)}, {"a": (4, 6)}, [(F, "app/a.py")], "60% before"),
    Case("floor: a new module below", FLOOR.format(50), {"a": (6, 4)}, {"new": (4, 6)}, [(F, "app/new.py")]),
    Case("floor: covered code deleted", FLOOR.format(50), {"a": (45, 55)}, {"a": (40, 55)}, []),
    Case("component below, touched", COMPONENT.format("a", 80) + COMPONENT.format("b", 50), {"a": (9, 1), "b": (6, 4)}, {"a": (7, 3)}, [(C, None)], 'component "a"'),
    Case("component below, another touched", COMPONENT.format("a", 80), {"a": (7, 3), "b": (6, 4)}, {"b": (7, 3)}, []),
    Case("component below, raised", COMPONENT.format("a", 80), {"a": (6, 4)}, {"a": (7, 3)}, []),
    Case("component below, fell further", COMPONENT.format("a", 80), {"a": (7, 3)}, {"a": (6, 4)}, [(C, None)], "70% before"),
    Case("ratchet: new code not covered", RATCHET, {"a": (9, 1)}, {"a": (8, 2)}, [(R, None)], "fell from 90% to 80%"),
    Case("ratchet: covered code deleted", RATCHET, {"a": (9, 1)}, {"a": (4, 1)}, []),
    Case("ratchet: more missed, better percentage", RATCHET, {"a": (5, 5)}, {"a": (20, 6)}, []),
    Case("ratchet: off unless asked for", "", {"a": (9, 1)}, {"a": (8, 2)}, []),
    Case("phase reached, nothing lost", PHASE.format("2026-03-01", 75), {"a": (7, 3)}, {"a": (8, 3)}, [], "due since 2026-03-01 is 75%"),
    Case("phase reached, coverage lost", PHASE.format("2026-03-01", 75), {"a": (7, 3)}, {"a": (6, 4)}, [(P, None)]),
    Case("phase reached, taken below it", PHASE.format("2026-03-01", 75), {"a": (8, 2)}, {"a": (7, 3)}, [(P, None)]),
    Case("phase on its very day", PHASE.format("2026-03-10", 75), {"a": (8, 2)}, {"a": (7, 3)}, [(P, None)]),
    Case("phase announced", PHASE.format("2026-03-24", 75), {"a": (7, 3)}, {"a": (6, 4)}, [], "from 2026-03-24 it must be 75%"),
    Case("phase too far ahead", PHASE.format("2026-03-25", 75), {"a": (7, 3)}, {"a": (6, 4)}, []),
    Case("the last phase reached counts", PHASE.format("2026-02-01", 60) + PHASE.format("2026-03-01", 75), {"a": (8, 2)}, {"a": (7, 3)}, [(P, None)], "75%"),
    Case("target is due with the last phase", TARGET.format(80) + PHASE.format("2026-09-01", 80), {"a": (7, 3)}, {"a": (6, 4)}, []),
    Case("waiver of the target", TARGET.format(80) + WAIVER.format(T, "2026-05-01", "value = 65"), {"a": (7, 3)}, {"a": (66, 34)}, [], "waived down to 65% until 2026-05-01 (#7, ana): legacy"),
    Case("below what a waiver allows", TARGET.format(80) + WAIVER.format(T, "2026-05-01", "value = 65"), {"a": (7, 3)}, {"a": (6, 4)}, [(T, None)], "the waiver allows 65%"),
    Case("waiver of the target ended, bystander", TARGET.format(80) + WAIVER.format(T, "2026-03-09", "value = 65"), {"a": (7, 3)}, {"a": (8, 3)}, [], "its waiver ended on 2026-03-09"),
    Case("waiver of the target ended, lost more", TARGET.format(80) + WAIVER.format(T, "2026-03-09", "value = 65"), {"a": (7, 3)}, {"a": (6, 4)}, [(T, None)]),
    Case("waiver of a floor", FLOOR.format(50) + WAIVER.format(F, "2026-05-01", 'paths = ["app/a.py"]\nvalue = 40'), {"a": (45, 55)}, {"a": (44, 56)}, [], "waived until"),
    Case("waiver of a floor, below its value", FLOOR.format(50) + WAIVER.format(F, "2026-05-01", 'paths = ["app/a.py"]\nvalue = 45'), {"a": (45, 55)}, {"a": (44, 56)}, [(F, "app/a.py")]),
    Case("waiver of a floor ended, touched", FLOOR.format(50) + WAIVER.format(F, "2026-03-09", 'paths = ["app/a.py"]'), {"a": (45, 55)}, {"a": (44, 56)}, [(F, "app/a.py")], "ended on 2026-03-09"),
    Case("waiver of a floor ended, not touched", FLOOR.format(50) + WAIVER.format(F, "2026-03-09", 'paths = ["app/a.py"]'), {"a": (45, 55), "b": (9, 1)}, {"b": (8, 1)}, [], "has ended"),
    Case("waiver about to end", FLOOR.format(50) + WAIVER.format(F, "2026-03-24", 'paths = ["app/a.py"]'), {"a": (45, 55), "b": (9, 1)}, {"b": (8, 1)}, [], "ends soon"),
    Case("waiver of the ratchet", RATCHET + WAIVER.format(R, "2026-05-01", ""), {"a": (9, 1)}, {"a": (8, 2)}, [], "waived until"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_commit(case: Case) -> None:
    settings = plan(case.policy, case.coverage)
    ruled = police_by_hand(settings, case.before, case.after)
    assert of_severity(ruled.findings, "error") == case.blocked
    assert case.said in "\n".join(finding.message for finding in ruled.findings)


MAIN = [
    Case("a phase by its date alone", PHASE.format("2026-03-01", 75), {}, {"a": (748, 252)}, [(P, None)], "74.8%"),
    Case("a phase that is met", PHASE.format("2026-03-01", 75), {}, {"a": (75, 25)}, []),
    Case("a module below the floor", FLOOR.format(50), {}, {"a": (45, 55), "b": (9, 1)}, [(F, "app/a.py")]),
    Case("a component", COMPONENT.format("a", 80), {}, {"a": (7, 3), "b": (9, 1)}, [(C, None)]),
    Case("a component that phases put off", COMPONENT.format("a", 80) + PHASE.format("2026-09-01", 80), {}, {"a": (7, 3)}, [], "due with the last phase"),
    Case("a waiver that has ended", FLOOR.format(50) + WAIVER.format(F, "2026-03-09", 'paths = ["app/a.py"]'), {}, {"a": (45, 55)}, [(F, "app/a.py")], "has ended"),
    Case("a waiver of a change that has ended", WAIVER.format("skip-without-reason", "2026-03-09", 'paths = ["app/a.py"]'), {}, {"a": (45, 55)}, [("waiver-expired", "pyproject.toml")]),
]  # fmt: skip


@pytest.mark.parametrize("case", MAIN, ids=lambda case: case.id)
def test_the_check_of_the_main_branch(case: Case) -> None:
    ruled = police_by_hand(plan(case.policy), None, case.after)
    assert of_severity(ruled.findings, "error") == case.blocked
    assert case.said in "\n".join(finding.message for finding in ruled.findings)


def test_a_deleted_test_loses_what_did_not_change(empty_project: Project) -> None:
    empty_project.commit({**plan(RATCHET), **files_of({"a": (9, 1), "b": (9, 1)})})
    empty_project.stage({"tests/test_b.py": None})
    answer = judge(empty_project)
    assert found(answer) == [("coverage-ratchet", None)]
    assert found(answer, "note") == [("coverage-ratchet", "app/b.py")]
    assert "tests/test_b.py (deleted)" in messages(answer)


def test_a_comment_does_not_touch_a_module_below_its_floor(empty_project: Project) -> None:
    empty_project.commit({**plan(FLOOR.format(50)), **files_of({"a": (45, 55)})})
    empty_project.stage({"app/a.py": '"""New words."""\n\n# and more\n' + module(45, 55)})
    assert judge(empty_project).code == 0


def test_a_module_that_moves_keeps_its_past(empty_project: Project) -> None:
    empty_project.commit({**plan(FLOOR.format(50)), **files_of({"a": (45, 55)})})
    files = {"app/a.py": None, "tests/test_a.py": test_of("app/z.py")}
    empty_project.stage({**files, "app/z.py": module(46, 54)})
    answer = judge(empty_project)
    assert answer.code == 0, answer.data
    assert "raised from 45%" in messages(answer)


def test_numbers_that_are_not_exact_are_not_enforced(empty_project: Project) -> None:
    empty_project.commit({**plan(TARGET.format(80)), **files_of({"a": (9, 1), "b": (3, 7)})})
    empty_project.stage({"app/a.py": module(8, 1)})
    answer = judge(empty_project, "--format=json")
    assert answer.ran == ["tests/test_a.py::test_run"]
    assert answer.code == 0
    assert "coverage-target not judged: project coverage is not exact yet" in messages(answer)


def test_failing_tests_come_first(empty_project: Project) -> None:
    empty_project.commit({**plan(TARGET.format(80)), **files_of({"a": (9, 1)})})
    empty_project.stage({"app/a.py": "def run():\n    raise ValueError\n" + "X = 1\n"})
    assert {rule for rule, _ in found(judge(empty_project))} == {"tests-fail"}


def test_one_rule_alone(empty_project: Project) -> None:
    empty_project.commit({**plan(TARGET.format(80) + FLOOR.format(75)), **files_of({"a": (9, 1)})})
    empty_project.stage(files_of({"a": (7, 3)}))
    answer = judge(empty_project, "--run-all", "--only", "coverage-floor")
    assert found(answer) == [("coverage-floor", "app/a.py")]


BRANCHES = "[tool.coverage.run]\nbranch = true\n"


def test_without_source_the_reader_is_told(empty_project: Project) -> None:
    empty_project.commit({**plan(TARGET.format(10), BRANCHES), **files_of({"a": (9, 1)})})
    assert "coverage has no `source`" in messages(judge(empty_project, "--all"))


def test_the_diff_target_of_a_component_is_that_of_its_lines(empty_project: Project) -> None:
    strict = '[[tool.covgate.component]]\nname = "a"\npaths = ["app/a.py"]\ndiff-target = 100\n'
    settings = f"{COVERAGE}[tool.covgate.diff-coverage]\ntarget = 0\n{strict}"
    empty_project.commit({"pyproject.toml": settings, **files_of({"a": (9, 1), "b": (9, 1)})})
    empty_project.stage(files_of({"a": (9, 2), "b": (9, 2)}))
    assert {path for _, path in found(judge(empty_project))} == {"app/a.py"}
