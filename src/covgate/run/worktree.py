"""How the user's working tree differs from its index, asked of git without refreshing it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.git.repository import Repository


# Made by tools for themselves: no test needs them, and some are large.
MADE_BY_TOOLS = frozenset(
    [
        "__pycache__",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        ".coverage",
        "htmlcov",
        ".tox",
        ".nox",
        ".git",
    ]
)


class WorkingTree(NamedTuple):
    """Paths relative to the top; folders end with a slash.

    `edited` differ from the index (or can't be compared: skip-worktree, assume-unchanged),
    `untracked` are neither tracked nor ignored (what tools make for themselves is passed over),
    `environments` are untracked virtual
    environments, `ignored` are ignored files and folders.
    """

    edited: tuple[str, ...]
    untracked: tuple[str, ...]
    environments: tuple[str, ...]
    ignored: tuple[str, ...]
    submodules: tuple[str, ...]

    def why_isolated(self) -> str:
        """Return why tests can't run here as if the commit were checked out, "" if they can."""
        if self.edited:
            return f"{_some(self.edited)} differ from what is staged"
        if self.untracked:
            return f"{_some(self.untracked)} not part of the commit"
        return ""


def _some(paths: tuple[str, ...]) -> str:
    shown = ", ".join(paths[:3])
    return shown if len(paths) <= 3 else f"{shown} and {len(paths) - 3} more"


def is_made_by_tools(path: str) -> bool:
    """Whether a file or folder (with a slash at its end) is a cache or report of some tool."""
    last = path.rstrip("/").rpartition("/")[2]
    return (
        last in MADE_BY_TOOLS
        or last.endswith((".pyc", ".pyo", ".egg-info"))
        or last.startswith(".coverage.")
    )


def read_working_tree(repo: Repository) -> WorkingTree:
    """Compare the working tree with the index of this commit."""
    status = repo.git.run(
        "status",
        "--porcelain=v2",
        "-z",
        "--untracked-files=normal",
        "--ignored=matching",
        "--ignore-submodules=all",
        "--no-renames",
    )
    edited, untracked, ignored = _sorted_out(os.fsdecode(status).split("\0"))
    unseen, submodules = _unseen(repo)
    environments = tuple(p for p in untracked if (repo.top / p / "pyvenv.cfg").exists())
    return WorkingTree(
        edited=tuple(dict.fromkeys((*edited, *unseen))),
        untracked=tuple(p for p in untracked if p not in environments and not is_made_by_tools(p)),
        environments=environments,
        ignored=tuple(ignored),
        submodules=submodules,
    )


def _sorted_out(records: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    edited: list[str] = []
    untracked: list[str] = []
    ignored: list[str] = []
    for record in records:
        kind = record[:1]
        if kind == "?":
            untracked.append(record[2:])
        elif kind == "!":
            ignored.append(record[2:])
        elif kind == "1" and record[3] != ".":
            edited.append(record.split(" ", 8)[8])
        elif kind == "u":
            edited.append(record.split(" ", 10)[10])
    return edited, untracked, ignored


def _unseen(repo: Repository) -> tuple[list[str], tuple[str, ...]]:
    """Return tracked files that git was told not to look at, and the submodules."""
    listing = os.fsdecode(repo.git.run("ls-files", "-s", "-v", "-z")).split("\0")
    unseen: list[str] = []
    submodules: list[str] = []
    for record in filter(None, listing):
        facts, _, path = record.partition("\t")
        tag, mode = facts.split()[:2]
        if tag == "S" or tag.islower():
            unseen.append(path)
        if mode == "160000":
            submodules.append(path)
    return unseen, tuple(submodules)
