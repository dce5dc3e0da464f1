"""Make the baseline of a project, or let it shrink."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.diff import difference
from covgate.change.occasion import Occasion
from covgate.change.reading import Request, read_change
from covgate.change.snapshot import GitSnapshot
from covgate.coverage.today import today
from covgate.gate.ruling import Facts, static_findings
from covgate.gate.whole import read_agreed
from covgate.git.opening import opened
from covgate.git.repository import resolve
from covgate.rules.silenced import baseline
from covgate.rules.silenced.pairing import Pairing, pair
from covgate.rules.silenced.trees import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.git.objects import ObjectReader
    from covgate.git.process import Git
    from covgate.git.repository import Repository
    from covgate.rules.silenced.baseline import Entry


class Renewed(NamedTuple):
    """The baseline as it should be: `dropped` no longer applies, `outside` is not in it.

    `text` is None when there is nothing to write; `is_new` says that there was none before.
    """

    path: Path
    text: str | None
    entries: frozenset[Entry]
    dropped: frozenset[Entry]
    outside: frozenset[Entry]
    is_new: bool


class _Here(NamedTuple):
    repo: Repository
    git: Git
    reader: ObjectReader
    change: Change


def renew(folder: Path, env: Mapping[str, str]) -> Renewed:
    """Return the baseline of the staged tree; raises `UsageError` outside of a repository."""
    with _project(folder, env) as here:
        settings, _ = read_agreed(here.change, today(env))
        now = _silenced(here, settings)
        outside: set[Entry] = set()
        path = here.repo.top / baseline.FILE
        text = _present(path, here.change)
        if text is None:
            entries = old = now
        else:
            old = set(baseline.parse(text))
            entries, outside = baseline.shrunk(old, now, _pairing(here))
    new = baseline.render(entries)
    return Renewed(
        path=path,
        text=None if new == text else new,
        entries=frozenset(entries),
        dropped=frozenset(old - now),
        outside=frozenset(outside),
        is_new=text is None,
    )


@contextmanager
def _project(folder: Path, env: Mapping[str, str]) -> Iterator[_Here]:
    with opened(folder, env) as (repo, git, scratch, reader):
        change = read_change(repo, git, reader, scratch, Request(everything=True), Occasion())
        yield _Here(repo, git, reader, change)


def _silenced(here: _Here, settings: Settings) -> set[Entry]:
    facts = Facts(here.repo.top, here.change, settings, None, None)
    found = static_findings(facts, frozenset({"skip-without-reason"}), known_too=True)
    tree = tree_of(here.change.target)
    entries = (baseline.entry_of(finding, tree) for finding in found)
    return {entry for entry in entries if entry is not None}


def _present(path: Path, change: Change) -> str | None:
    """Return the baseline of the working tree, or the staged one; None when there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        data = change.target.read(baseline.FILE)
        return None if data is None else data.decode("utf-8", "replace")


def _pairing(here: _Here) -> Pairing:
    """Pair the tests of today with those of the commit that changed the baseline last."""
    words = ("log", "-1", "--format=%H", "--", f":(top){baseline.FILE}")
    last = os.fsdecode(here.repo.git.run(*words)).strip() if here.repo.head else ""
    commit = resolve(here.git, last) if last else here.repo.head
    if commit is None:
        return Pairing()
    files = difference(here.git, here.reader, commit.tree, here.change.target.tree)
    before = GitSnapshot(here.git, here.reader, commit.tree)
    since = replace(here.change, files=files, before=(before,))
    return pair(since.files, tree_of(before), tree_of(here.change.target))
