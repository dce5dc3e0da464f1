"""The history of a clone that a CI made, completed from its remote where that is allowed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from covgate.errors import UndecidedError
from covgate.git.fetching import RemoteHeads, fetch_commits, is_commit_id, read_heads, remote_of
from covgate.git.repository import resolve

if TYPE_CHECKING:
    from covgate.git.repository import Repository

# How many more commits to ask for, step by step; None is all of them.
_STEPS = (50, 500, None)
_WHOLE = 2**31 - 1


class History:
    """Commits of one clone; `may_fetch` says whether missing ones may be asked of the remote.

    `remedy` is what a person does about missing history.
    """

    def __init__(self, repo: Repository, may_fetch: bool, remedy: str) -> None:
        self._git = repo.git
        self._remedy = remedy
        self._remote = remote_of(repo.git)
        self._may_fetch = may_fetch and self._remote is not None
        self._failure = ""
        self._heads: RemoteHeads | None = None
        self._asked = False
        if repo.head is None:
            raise UndecidedError(
                "there is no commit yet, so there is nothing to compare",
                "check out the commit that is to be judged",
            )
        self.head = repo.head

    def parents(self) -> list[str]:
        """Return the parents of HEAD as the commit names them, those that the clone lacks too."""
        commit = os.fsdecode(self._git.run("cat-file", "commit", self.head.id))
        header = commit.partition("\n\n")[0].split("\n")
        return [line.partition(" ")[2] for line in header if line.startswith("parent ")]

    def obtain(self, name: str) -> str:
        """Return the id of a commit, fetched when the clone lacks it; raises `UndecidedError`."""
        found = resolve(self._git, name)
        if found is None and is_commit_id(name) and self._fetch(1, name):
            found = resolve(self._git, name)
        if found is None:
            raise UndecidedError(f"there is no commit {name} in this clone", self._help())
        return found.id

    def named(self, name: str) -> str:
        """Return the commit that a person names: any name of git's, or a branch of the remote."""
        if (found := resolve(self._git, name)) is not None:
            return found.id
        branch = name.removeprefix(f"{self._remote}/")
        if (heads := self._remote_heads()) and branch in heads.branches:
            return self.obtain(heads.branches[branch])
        if name.startswith("HEAD"):
            self._fetch(_STEPS[0], self.head.id)
        return self.obtain(name)

    def has(self, name: str) -> bool:
        """Whether a commit is there, or could be fetched."""
        try:
            self.obtain(name)
        except UndecidedError:
            return False
        return True

    def holds(self, commit: str) -> bool:
        """Whether HEAD is a commit or, as far as the clone knows, comes after it."""
        if commit in (self.head.id, *self.parents()):
            return True
        return self._git.ask("merge-base", "--is-ancestor", commit, self.head.id) is not None

    def first_parent(self) -> str | None:
        """Return the first parent of HEAD, None when HEAD is the first commit."""
        parents = self.parents()
        return self.obtain(parents[0]) if parents else None

    def count_since(self, base: str) -> int:
        """Return how many commits HEAD has that `base` has not."""
        return int(self._git.run("rev-list", "--count", self.head.id, f"^{base}"))

    def tree_of(self, commit: str) -> str:
        """Return the tree of a commit that is there."""
        found = resolve(self._git, commit)
        assert found is not None
        return found.tree

    def merge_base(self, other: str) -> str:
        """Return where HEAD and `other` parted; raises `UndecidedError` when history is cut."""
        for step in (0, *_STEPS):
            if step != 0 and not self._fetch(step, other):
                break
            found = self._git.ask("merge-base", other, self.head.id)
            if found and (found == other or self._is_complete(found, other)):
                return found
            if not self._is_shallow():
                break
        if self._is_shallow():
            raise UndecidedError(
                f"the clone is too shallow to tell where HEAD and {other[:12]} parted",
                self._help(),
            )
        raise UndecidedError(
            f"HEAD and {other[:12]} have no common ancestor",
            "name a commit that this branch started from: covgate ci --base COMMIT",
        )

    def complete_since(self, base: str | None) -> None:
        """Get each commit that HEAD has and `base` has not, with its parents.

        Raises `UndecidedError` when some stay missing: a list of them would be cut without a word.
        """
        for step in (0, *_STEPS):
            if step != 0 and not self._fetch(step, self.head.id):
                break
            if not self._is_shallow() or (base is not None and self._is_complete(base, base)):
                return
        raise UndecidedError(
            "the clone is too shallow to tell all commits that are to be judged", self._help()
        )

    def tip_of(self, branch: str) -> str | None:
        """Return the commit of a branch as the remote has it now, or as the clone knows it.

        The branch that is checked out says nothing about where its own changes start.
        """
        if (heads := self._remote_heads()) and branch in heads.branches:
            tip = heads.branches[branch]
            if self.has(tip):
                return tip
        refs = [f"refs/remotes/{self._remote}/{branch}"] if self._remote else []
        if branch != self.current_branch():
            refs.append(f"refs/heads/{branch}")
        commits = (resolve(self._git, ref) for ref in refs)
        return next((commit.id for commit in commits if commit), None)

    def lacks_branch(self, branch: str) -> bool:
        """Whether the remote was asked, and has no such branch."""
        heads = self._remote_heads()
        return heads is not None and branch not in heads.branches

    def default_branch(self) -> str | None:
        """Return the default branch: what the remote says, origin/HEAD, else main or master."""
        if (heads := self._remote_heads()) and heads.default:
            return heads.default
        if self._remote:
            prefix = f"refs/remotes/{self._remote}/"
            named = self._git.ask("symbolic-ref", "--quiet", f"{prefix}HEAD")
            if named and named.startswith(prefix):
                return named.removeprefix(prefix)
        return next((name for name in ("main", "master") if name in self._known_branches()), None)

    def current_branch(self) -> str | None:
        """Return the branch that is checked out, None for a detached HEAD."""
        named = self._git.ask("symbolic-ref", "--quiet", "HEAD")
        return named.removeprefix("refs/heads/") if named else None

    def _known_branches(self) -> set[str]:
        prefixes = ["refs/heads/", *([f"refs/remotes/{self._remote}/"] if self._remote else [])]
        listed = (self._git.ask("for-each-ref", "--format=%(refname)", *prefixes) or "").split("\n")
        return {ref.removeprefix(p) for ref in listed for p in prefixes if ref.startswith(p)}

    def _remote_heads(self) -> RemoteHeads | None:
        if not self._asked and self._may_fetch and self._remote:
            self._heads = read_heads(self._git, self._remote)
        self._asked = True
        return self._heads

    def _is_shallow(self) -> bool:
        return self._git.ask("rev-parse", "--is-shallow-repository") == "true"

    def _is_complete(self, base: str, other: str) -> bool:
        """Whether no history is cut between a common ancestor and both ends.

        Beyond a cut there may be a later common ancestor, whose changes are not to be judged.
        """
        if not self._is_shallow():
            return True
        place = self._git.ask("rev-parse", "--path-format=absolute", "--git-path", "shallow")
        with open(place or "", encoding="ascii") as stream:
            cut = set(stream.read().split())
        between = self._git.run("rev-list", self.head.id, other, f"^{base}")
        return cut.isdisjoint(os.fsdecode(between).split())

    def _fetch(self, step: int | None, commit: str) -> bool:
        """Get a commit, with `step` more commits of history where the clone is shallow."""
        if not self._may_fetch or self._remote is None:
            return False
        commits, depth = [commit], None
        if self._is_shallow():
            # Never less history than there is: a depth below that would cut it off.
            present = int(self._git.run("rev-list", "--count", self.head.id))
            depth = _WHOLE if step is None else present + step
            commits.append(self.head.id)
        elif resolve(self._git, commit):
            return False
        self._failure = fetch_commits(self._git, self._remote, commits, depth)
        return not self._failure

    def _help(self) -> str:
        said = f"\ngit fetch said: {self._failure}" if self._failure else ""
        if self._is_shallow():
            return f"{self._remedy}{said}"
        return f"fetch it before covgate runs, or name another one: covgate ci --base COMMIT{said}"
