"""At which stage of its way a change is judged: no variable of git or pre-commit says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.change.occasion import Occasion

StageName = Literal["pre-commit", "pre-merge-commit", "pre-push", "manual", "ci"]

# prek says it; its other stages have no budget of their own.
_PREK: dict[str, StageName] = {
    "pre-commit": "pre-commit",
    "pre-merge-commit": "pre-merge-commit",
    "pre-push": "pre-push",
}


def stage_of(occasion: Occasion, env: Mapping[str, str]) -> StageName:
    """Return the stage of a hook, "manual" for a call by hand."""
    if said := _PREK.get(env.get("PREK_HOOK_STAGE", "")):
        return said
    if env.get("PRE_COMMIT_REMOTE_NAME"):
        return "pre-push"
    if env.get("GIT_REFLOG_ACTION", "").startswith(("merge", "pull")):
        return "pre-merge-commit"
    return "pre-commit" if occasion.committing else "manual"
