"""What of a change and its tree a test run has to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.change.diff import can_run

if TYPE_CHECKING:
    from covgate.change.model import Change
    from covgate.git.repository import Repository


def measured_files(change: Change) -> tuple[str, ...]:
    """Return the changed files whose lines count."""
    return tuple(
        file.path
        for file in change.files
        if can_run(file) and (file.lines or not _parses(change, file.path))
    )


def runs_git(repo: Repository, change: Change) -> bool:
    """Whether some file of the tree runs git or reads repositories."""
    from covgate.source.cache import FactsCache
    from covgate.source.reader import SnapshotFacts

    facts = SnapshotFacts(change.target, FactsCache(repo.shared_state / "facts.sqlite"))
    return any(facts.facts(path).uses_git for path in change.target.entries)


def _parses(change: Change, path: str) -> bool:
    """Whether our own Python can read a file; the project's has the last word."""
    import ast

    data = change.target.read(path)
    try:
        return data is None or bool(ast.parse(data))
    except (SyntaxError, ValueError):
        return False
