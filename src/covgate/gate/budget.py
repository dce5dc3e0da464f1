"""The time that tests may take at a stage, and what is answered when it was not enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.report.answer import UNDECIDED_RULE
from covgate.rules.finding import Finding

if TYPE_CHECKING:
    from covgate.change.snapshot import Snapshot
    from covgate.change.stage import StageName
    from covgate.config.model import OverBudget, Settings
    from covgate.git.repository import Repository
    from covgate.run.plan import RunResult

_CI_FILES = (
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
)


class Budget(NamedTuple):
    """Seconds for the tests of a stage, and what becomes of a change that takes longer."""

    seconds: float
    policy: OverBudget
    stage: StageName


def budget_of(settings: Settings, stage: StageName) -> Budget | None:
    """Return the budget of a stage, None without one.

    The general budget is for those who wait for a commit; what is handed over is judged in full.
    """
    own = getattr(settings.stage, stage.replace("-", "_"))
    general = None if stage in ("pre-push", "ci") else settings.budget
    seconds = own.budget if own.budget is not None else general
    if seconds is None:
        return None
    return Budget(seconds, own.when_over_budget or settings.when_over_budget, stage)


def open_finding(budget: Budget, result: RunResult, repo: Repository, target: Snapshot) -> Finding:
    """Return what an answer says whose tests did not end in their time; it is never a pass.

    Its severity tells whether the change is stopped.
    """
    collected = result.collected
    ran = len(result.tests)
    what = f"{ran:,} of {len(collected):,} tests ran" if collected is not None else "no test ran"
    message = f"{what} in {budget.seconds:g} s, the budget of stage {budget.stage}"
    if budget.policy == "warn":
        return Finding(UNDECIDED_RULE, message, help=_LATER, severity="warning")
    taker = _taker(budget.stage, repo, target) if budget.policy == "hand-over" else ""
    if taker:
        return Finding(UNDECIDED_RULE, message, help=f"{taker} judges it", severity="warning")
    if budget.policy == "hand-over":
        message += "; there is nobody to hand it over to"
        return Finding(UNDECIDED_RULE, message, help=_NOBODY)
    return Finding(UNDECIDED_RULE, message, help=_BLOCKED)


_LATER = "the change is not judged: `covgate check` with a larger `budget` does so"
_BLOCKED = (
    "raise `budget` in [tool.covgate], or let a later stage judge it: "
    '`when-over-budget = "hand-over"`; `covgate record` saves tests whose results are known'
)
_NOBODY = "install the pre-push hook (`pre-commit install -t pre-push`), or run `covgate ci` in CI"


def _taker(stage: StageName, repo: Repository, target: Snapshot) -> str:
    """Return who judges the change after this stage, "" when nobody does."""
    if stage == "ci":
        return ""
    if stage != "pre-push":
        place = repo.git.ask("rev-parse", "--git-path", "hooks/pre-push")
        if place and (repo.top / place).exists():
            return "the pre-push hook"
    for path in target.entries:
        if path in _CI_FILES or path.startswith(".github/workflows/"):
            if b"covgate" in (target.read(path) or b""):
                return f"CI ({path})"
    return ""
