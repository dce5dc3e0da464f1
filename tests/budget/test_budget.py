"""A time budget ends the tests; what it leaves open is said, and never passes for a pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from conftest import BASE_MODULE, Answered, Project
from covgate.change.occasion import Occasion
from covgate.change.snapshot import MemorySnapshot
from covgate.change.stage import stage_of
from covgate.config.model import Settings, Stage, Stages
from covgate.gate.budget import Budget, budget_of, open_finding
from covgate.gate.ruling import Ruled, with_failures
from covgate.git.repository import discover
from covgate.policy.compare_settings import compare_settings
from covgate.policy.tree import Tree
from covgate.run.plan import Measurement, RunResult
from covgate.run.plan import TestRun as Ran

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.change.stage import StageName
    from covgate.config.model import OverBudget

SLOW = """\
import time

from m import f


def test_f():
    assert f(1) == 2


def test_slow():
    time.sleep(60)
    assert f(1)
"""


@pytest.fixture(scope="module")
def warned(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Answered:
    """The answer for a change with a test that never ends in time."""
    project = Project(tmp_path_factory.mktemp("budget") / "project", clean_env)
    settings = '[tool.covgate]\nbudget = "4s"\nwhen-over-budget = "warn"\n'
    project.commit({"m.py": BASE_MODULE, "pyproject.toml": settings})
    project.stage({"test_m.py": SLOW})
    return project.check()


def test_the_answer_is_undecided_and_says_how_much_ran(warned: Answered) -> None:
    (finding,) = warned.data["findings"]
    assert (warned.code, warned.data["verdict"]) == (0, "undecided")
    assert (finding["rule"], finding["severity"]) == ("undecided", "warning")
    # On a busy machine not even the first test may have its turn.
    said = r"([01] of 2 tests|no test) ran in 4 s, the budget of stage manual"
    assert re.fullmatch(said, finding["message"])


def test_a_block_says_too_that_the_budget_was_over_before_pytest_began(project: Project) -> None:
    settings = '[tool.covgate]\nbudget = "2s"\n'
    slow = "import time\n\ntime.sleep(60)\n"
    hollow = "def test_nothing():\n    pass\n"
    project.stage({"pyproject.toml": settings, "conftest.py": slow, "test_n.py": hollow})
    answer = project.covgate("check")
    assert "blocked - 1 hollow test" in answer.out
    assert "no test ran in 2 s, the budget of stage manual" in answer.out
    assert "Traceback" not in answer.out + answer.err


def test_a_test_that_failed_in_time_counts_all_the_same() -> None:
    failed = Ran("test_m.py::test_f", "failed", 0.1, "test_m.py", 3)
    ruled = with_failures(
        Ruled((), (), None, None),
        OPEN._replace(tests=(failed,)),
        Settings(),
        frozenset({"tests-fail"}),
    )
    assert [(one.rule, one.severity) for one in ruled.findings] == [("tests-fail", "error")]


OPEN = RunResult(None, ("a", "b"), (), (), None, Measurement(), (), "", timed_out=True)
WORKFLOW = MemorySnapshot({".github/workflows/test.yml": "run: covgate ci"})
NOTHING = MemorySnapshot({".github/workflows/test.yml": "run: pytest"})


@pytest.mark.parametrize(
    ("policy", "stage", "hook", "target", "severity"),
    {
        "block": ("block", "pre-commit", True, WORKFLOW, "error"),
        "warn": ("warn", "pre-commit", False, NOTHING, "warning"),
        "to-the-hook": ("hand-over", "pre-commit", True, NOTHING, "warning"),
        "to-ci": ("hand-over", "pre-commit", False, WORKFLOW, "warning"),
        "to-nobody": ("hand-over", "pre-commit", False, NOTHING, "error"),
        "from-push-to-itself": ("hand-over", "pre-push", True, NOTHING, "error"),
        "from-push-to-ci": ("hand-over", "pre-push", True, WORKFLOW, "warning"),
        "from-ci": ("hand-over", "ci", True, WORKFLOW, "error"),
    }.values(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_only_what_somebody_judges_later_is_let_through(
    project: Project,
    policy: OverBudget,
    stage: StageName,
    hook: bool,
    target: MemorySnapshot,
    severity: str,
) -> None:
    if hook:
        place = project.root / ".git" / "hooks" / "pre-push"
        place.parent.mkdir(exist_ok=True)
        place.touch()
    found = open_finding(
        Budget(20, policy, stage), OPEN, discover(project.root, project.env), target
    )
    assert found.severity == severity
    assert found.message.startswith(f"0 of 2 tests ran in 20 s, the budget of stage {stage}")


@pytest.mark.parametrize(
    ("stage", "settings", "expected"),
    [
        ("pre-commit", Settings(), None),
        ("pre-commit", Settings(budget=20.0), Budget(20.0, "block", "pre-commit")),
        ("manual", Settings(budget=20.0), Budget(20.0, "block", "manual")),
        ("pre-push", Settings(budget=20.0), None),
        ("ci", Settings(budget=20.0), None),
        (
            "pre-push",
            Settings(budget=20.0, stage=Stages(pre_push=Stage(60.0, "hand-over"))),
            Budget(60.0, "hand-over", "pre-push"),
        ),
        (
            "pre-commit",
            Settings(when_over_budget="warn", stage=Stages(pre_commit=Stage(5.0))),
            Budget(5.0, "warn", "pre-commit"),
        ),
    ],
    ids=["none", "commit", "manual", "push-without", "ci-without", "push", "own-budget"],
)
def test_the_budget_of_a_stage(
    stage: StageName, settings: Settings, expected: Budget | None
) -> None:
    assert budget_of(settings, stage) == expected


@pytest.mark.parametrize(
    ("committing", "env", "stage"),
    [
        (True, {}, "pre-commit"),
        (False, {}, "manual"),
        (True, {"PREK_HOOK_STAGE": "manual"}, "pre-commit"),
        (False, {"PREK_HOOK_STAGE": "pre-push"}, "pre-push"),
        (False, {"PRE_COMMIT_REMOTE_NAME": "origin"}, "pre-push"),
        (False, {"GIT_REFLOG_ACTION": "merge side"}, "pre-merge-commit"),
        (False, {"GIT_REFLOG_ACTION": "pull --no-rebase"}, "pre-merge-commit"),
    ],
)
def test_stages_are_told_apart(committing: bool, env: dict[str, str], stage: str) -> None:
    assert stage_of(Occasion(committing=committing), env) == stage


@pytest.mark.parametrize(
    ("before", "after", "weaker"),
    [
        ('budget = "20s"', 'budget = "60s"', []),
        ('budget = "20s"', 'budget = "5s"', []),
        ("", 'when-over-budget = "warn"', ["covgate.when-over-budget"]),
        (
            'when-over-budget = "hand-over"',
            'when-over-budget = "warn"',
            ["covgate.when-over-budget"],
        ),
        ('when-over-budget = "warn"', 'when-over-budget = "block"', []),
        ("", "[stage.ci]\nwhen-over-budget = 'warn'", ["covgate.stage.ci.when-over-budget"]),
    ],
)
def test_letting_more_through_is_a_weaker_gate(before: str, after: str, weaker: list[str]) -> None:
    def tree(text: str) -> Any:
        return Tree(MemorySnapshot({"covgate.toml": text + "\n"}), strict=True)

    assert [one.key for one in compare_settings(tree(before), tree(after))] == weaker
