"""Find out what is being committed: the mode, the bases, the target tree, the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.change.diff import common_changes, difference
from covgate.change.model import Base, Change, Mode
from covgate.change.snapshot import GitSnapshot
from covgate.errors import UndecidedError, UsageError
from covgate.git.objects import empty_tree, tree_of_index
from covgate.git.repository import Commit, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covgate.change.occasion import Occasion
    from covgate.git.objects import ObjectReader
    from covgate.git.process import Git
    from covgate.git.repository import Repository


class Request(NamedTuple):
    """What the caller asked to be judged; nothing set means: find out.

    `commit` is one commit on its own, compared with its parents.
    """

    from_ref: str | None = None
    to_ref: str | None = None
    everything: bool = False
    commit: str | None = None


class _Plan(NamedTuple):
    mode: Mode
    why: str
    bases: tuple[Base, ...]
    target: str


def request_of(
    from_ref: str | None, to_ref: str | None, everything: bool, env: Mapping[str, str]
) -> Request:
    """Complete the command line with what pre-commit and prek say in the environment."""
    if everything or from_ref or to_ref:
        return Request(from_ref, to_ref, everything)
    from_ref, to_ref = env.get("PRE_COMMIT_FROM_REF"), env.get("PRE_COMMIT_TO_REF")
    if not (from_ref or to_ref) and env.get("PRE_COMMIT_REMOTE_NAME"):
        # The first push of a repository: the runner names no range, but what is pushed.
        to_ref = env.get("PRE_COMMIT_LOCAL_BRANCH")
    return Request(from_ref, to_ref)


def read_change(
    repo: Repository,
    git: Git,
    reader: ObjectReader,
    scratch: Path,
    request: Request,
    occasion: Occasion,
) -> Change:
    """Read the change under judgement; `git` writes its objects to a private folder.

    Raises `UsageError` for refs that don't exist, `UndecidedError` where history is missing.
    """
    plan = _plan(repo, git, scratch, request, occasion)
    by_base = [difference(git, reader, base.tree, plan.target) for base in plan.bases]
    return Change(
        mode=plan.mode,
        why=plan.why,
        bases=plan.bases,
        before=tuple(GitSnapshot(git, reader, base.tree) for base in plan.bases),
        target=GitSnapshot(git, reader, plan.target),
        files=common_changes(by_base),
        since_first=by_base[0],
    )


def _plan(repo: Repository, git: Git, scratch: Path, request: Request, occasion: Occasion) -> _Plan:
    empty = Base("the empty tree", None, empty_tree(git))
    if request.commit:
        return _commit_plan(repo, git, request.commit, empty)
    if request.to_ref or request.from_ref:
        return _range_plan(repo, git, scratch, request, empty)
    index = tree_of_index(repo, git, scratch)
    head = repo.head
    if request.everything:
        return _Plan("all", "--all: the whole project is in scope", (empty,), index)
    if occasion.merging and head:
        others = (_base(git, name) for name in occasion.merging)
        bases = (Base("HEAD", head.id, head.tree), *others)
        why = f"a merge of {len(bases)} parents is under way"
        return _Plan("merge", why, bases, index)
    if head is None:
        return _Plan("staged", "the first commit, compared with the empty tree", (empty,), index)
    if occasion.amending:
        parents = _parents(repo, git, head)
        why = "git commit --amend, compared with the parent of the commit it replaces"
        return _Plan("merge" if len(parents) > 1 else "staged", why, parents or (empty,), index)
    if index != head.tree or occasion.committing:
        bases = (Base("HEAD", head.id, head.tree),)
        return _Plan("staged", "staged changes, compared with HEAD", bases, index)
    return _Plan("all", "nothing is staged: the whole project is in scope", (empty,), index)


def _range_plan(repo: Repository, git: Git, scratch: Path, request: Request, empty: Base) -> _Plan:
    """The changes of a branch since it left its base; without `to_ref`, with what is staged."""
    if request.to_ref:
        tip = _commit(git, request.to_ref, repo)
        target, upto = tip.tree, request.to_ref
    else:
        if repo.head is None:
            raise UsageError("there is no commit yet to compare a range with")
        tip, target, upto = repo.head, tree_of_index(repo, git, scratch), "the index"
    from_ref = request.from_ref
    if from_ref is None or not from_ref.strip("0"):
        return _Plan("range", f"everything up to {upto}", (empty,), target)
    start = _commit(git, from_ref, repo)
    found = git.ask("merge-base", start.id, tip.id)
    if found is None:
        raise UndecidedError(
            f"{from_ref} and {request.to_ref or 'HEAD'} have no common ancestor in this clone",
            _deepen(repo) or "name a base that this branch started from",
        )
    base = _commit(git, found, repo)
    name = from_ref if base.id == start.id else f"{found[:12]}, where it left {from_ref}"
    compared = name if name != from_ref else _short(name)
    why = f"{_short(from_ref)}...{_short(upto)}, compared with {compared}"
    return _Plan("range", why, (Base(name, base.id, base.tree),), target)


def _short(ref: str) -> str:
    """A commit as a person names it: hook runners and git hand over whole ids."""
    return ref[:12] if len(ref) in (40, 64) and not ref.strip("0123456789abcdef") else ref


def _commit_plan(repo: Repository, git: Git, name: str, empty: Base) -> _Plan:
    commit = _commit(git, name, repo)
    parents = _parents(repo, git, commit)
    why = f"{name[:12]} on its own, compared with its parent"
    if len(parents) > 1:
        return _Plan("merge", f"{why}s, of which it is a merge", parents, commit.tree)
    return _Plan("range", why, parents or (empty,), commit.tree)


def _commit(git: Git, name: str, repo: Repository) -> Commit:
    commit = resolve(git, name)
    if commit is None:
        raise UndecidedError(
            f"there is no commit {name} in this clone",
            _deepen(repo) or "check the name, or fetch it: git fetch origin",
        )
    return commit


def _deepen(repo: Repository) -> str:
    return "the clone is shallow: git fetch --unshallow" if repo.shallow else ""


def _base(git: Git, name: str) -> Base:
    commit = resolve(git, name)
    if commit is None:
        raise UndecidedError(f"the merged commit {name} is missing from the repository")
    return Base(name[:12], commit.id, commit.tree)


def _parents(repo: Repository, git: Git, head: Commit) -> tuple[Base, ...]:
    words = (git.ask("rev-list", "--parents", "-n1", head.id) or "").split()[1:]
    if not words and repo.shallow:
        raise UndecidedError(
            f"the parent of {head.id[:12]} is not in this shallow clone", _deepen(repo)
        )
    return tuple(_base(git, word)._replace(name=f"HEAD^{n}") for n, word in enumerate(words, 1))
