"""What of a change and its tree a test run has to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.change.diff import can_run

if TYPE_CHECKING:
    from covgate.change.model import Change
    from covgate.git.repository import Repository
    from covgate.source.reader import SnapshotFacts


def measured_files(change: Change) -> tuple[str, ...]:
    """Return the changed files whose lines count."""
    return tuple(
        file.path
        for file in change.files
        if can_run(file) and (file.lines or not _parses(change, file.path))
    )


def facts_of_change(repo: Repository, change: Change) -> SnapshotFacts:
    """Return the facts of the target's programs; what the base has, too, need not be read."""
    from covgate.source.cache import FactsCache
    from covgate.source.reader import SnapshotFacts

    cache = FactsCache(repo.shared_state / "facts.sqlite")
    before = change.before[0] if change.before else None
    return SnapshotFacts(change.target, cache, before, change.since_first)


def runs_git(repo: Repository, change: Change) -> bool:
    """Whether some file of the tree runs git or reads repositories."""
    return uses_git(facts_of_change(repo, change))


def uses_git(facts: SnapshotFacts) -> bool:
    """Whether some program runs git or reads repositories."""
    from covgate.source import tags
    from covgate.source.facts import Trait

    return bool(facts.with_tag(tags.trait(Trait.GIT)))


def _parses(change: Change, path: str) -> bool:
    """Whether our own Python can read a file; the project's has the last word."""
    import ast

    data = change.target.read(path)
    try:
        return data is None or bool(ast.parse(data))
    except (SyntaxError, ValueError):
        return False
