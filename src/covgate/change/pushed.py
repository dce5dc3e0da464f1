"""What a `git push` is about to send, as git tells its pre-push hook on standard input."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.reading import Request
from covgate.errors import UsageError
from covgate.git.repository import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.git.repository import Repository


class Pushed(NamedTuple):
    """One ref of a push: its name, and the question that it asks."""

    ref: str
    request: Request


def read_pushed(repo: Repository, lines: Iterable[str], remote: str) -> list[Pushed]:
    """Return the refs that are pushed; a deletion pushes nothing, and the same range counts once.

    Raises `UsageError` for lines that git has not written.
    """
    found: dict[Request, str] = {}
    for line in lines:
        words = line.split()
        if len(words) != 4:
            raise UsageError(
                f"--pre-push: {line.strip()!r} is not what git tells a pre-push hook",
                "call it from .git/hooks/pre-push, which gets the pushed refs on standard input",
            )
        local, commit, _, before = words
        if commit.strip("0"):
            found.setdefault(Request(_start(repo, commit, before, remote), commit), local)
    return [Pushed(ref, request) for request, ref in found.items()]


def _start(repo: Repository, commit: str, before: str, remote: str) -> str | None:
    """Return what the remote has of it: its own tip, else where the branch left the remote's."""
    if before.strip("0") and resolve(repo.git, before) is not None:
        return before
    # A remote may be pushed to by its URL; then every remote counts that is known.
    known = [f"--remotes={remote}"] if remote and "/" not in remote else ["--remotes"]
    new = repo.git.run("rev-list", "--topo-order", "--reverse", commit, "--not", *known)
    first = os.fsdecode(new).split("\n", 1)[0]
    if not first:
        return commit
    parent = resolve(repo.git, f"{first}^")
    return parent.id if parent else None
