"""Where the tests run: in place, or in an isolated tree that holds exactly the commit.

In place when the working tree is what will be committed. Otherwise in a small private repository
that borrows the user's objects, so that git itself keeps it up to date: only files that differ
from the last run are written. It lies in the temporary folder under the project's own name;
below `.git`, tests that scan the tree would find `.git` in every path and pass over it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from covgate.git.process import Git, GitError
from covgate.git.repository import resolve
from covgate.run.lock import take
from covgate.run.worktree import is_made_by_tools

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.git.repository import Repository
    from covgate.run.lock import Release
    from covgate.run.worktree import WorkingTree

_SLOTS = 8
_KEPT_SECONDS = 14 * 24 * 3600


class Place(NamedTuple):
    """A folder to run tests in; `why` says why it is isolated ("" in place)."""

    root: Path
    origin: Path
    why: str = ""

    @property
    def isolated(self) -> bool:
        """Whether this is a private tree."""
        return self.root != self.origin


def isolated_place(
    repo: Repository, git: Git, tree: str, working: WorkingTree, why: str
) -> tuple[Place, Release | None]:
    """Return an isolated tree that holds `tree`, and what gives back the lock that keeps it ours.

    `git` can read the objects of `tree`. Ignored files of the working tree (compiled extensions,
    generated modules, data) are linked in.
    """
    root, release = _reserve(repo)
    try:
        _fill(repo, git, tree, root)
    except GitError:
        # A killed run or a test may leave anything behind: begin anew.
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(exist_ok=True)
        _fill(repo, git, tree, root)
    _link(repo.top, root, [*working.ignored, *working.environments])
    _link(repo.top, root, working.submodules)
    return Place(root, repo.top, why), release


def _fill(repo: Repository, git: Git, tree: str, root: Path) -> None:
    """Make the private repository at `root` hold exactly `tree`; writes what differs only."""
    private = _private_git(repo, git, root)
    for left in ("index.lock", "HEAD.lock", "config.lock", "packed-refs.lock"):
        (root / ".git" / left).unlink(missing_ok=True)  # the slot is ours
    if not (root / ".git" / "HEAD").exists():
        private.run("init", "-q", "--template=", f"--object-format={repo.object_format}", str(root))
    _borrow(repo, root)
    private.run("read-tree", "--reset", "-u", tree)
    private.run("clean", "-ffdxq")
    # Tests that commit in their tree need the tree objects of this run as well.
    own = Path(git.env.get("GIT_OBJECT_DIRECTORY", ""))
    if own.is_absolute():
        shutil.copytree(own, root / ".git" / "objects", dirs_exist_ok=True)


def changed_files(repo: Repository, git: Git, place: Place, index: Path) -> list[str]:
    """Return the files of an isolated tree that differ from `index`, a copy of its index.

    Made before a run, the copy tells afterwards what the tests changed.
    """
    private = _private_git(repo, git, place.root)
    listing = private.run(
        "diff-files",
        "--name-only",
        "-z",
        "--ignore-submodules=all",
        extra_env={"GIT_INDEX_FILE": str(index)},
    )
    return [name for name in os.fsdecode(listing).split("\0") if name]


def _reserve(repo: Repository) -> tuple[Path, Release | None]:
    """Take the first isolated tree of this working tree that no other run uses."""
    key = hashlib.sha256(os.fsencode(repo.top)).hexdigest()[:12]
    user = os.getuid() if hasattr(os, "getuid") else 0
    home = Path(tempfile.gettempdir()) / f"covgate-{user}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.is_symlink() or (hasattr(os, "getuid") and home.stat().st_uid != user):
        home = Path(tempfile.mkdtemp(prefix="covgate-"))
    for slot in range(_SLOTS):
        folder = home / f"{key}-{slot}"
        folder.mkdir(mode=0o700, exist_ok=True)
        release = take(folder / "lock")
        if release is None:
            continue
        os.utime(folder)
        _forget_old(home)
        return _named(folder, repo), release
    return _named(Path(tempfile.mkdtemp(prefix="tree-", dir=home)), repo), None


def _forget_old(home: Path) -> None:
    """Remove the trees of projects that nobody committed to for weeks, and of runs that died."""
    before = time.time() - _KEPT_SECONDS
    for folder in home.iterdir():
        if not folder.is_dir() or folder.stat().st_mtime > before:
            continue
        try:
            release = take(folder / "lock")
        except OSError:
            continue  # being removed by another run
        if release is not None:  # else in use after all
            shutil.rmtree(folder, ignore_errors=True)
            release()


def _named(folder: Path, repo: Repository) -> Path:
    root = folder.resolve() / (repo.top.name or "project")
    root.mkdir(exist_ok=True)
    return root


def _private_git(repo: Repository, git: Git, root: Path) -> Git:
    env = {key: value for key, value in git.env.items() if not key.startswith("GIT_")}
    kept = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH")
    env.update({key: git.env[key] for key in kept if key in git.env})
    # The tree objects of this run lie in its scratch folder (`private_objects`).
    own = git.env.get("GIT_OBJECT_DIRECTORY", "")
    env["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = os.pathsep.join(
        filter(None, (own, str(repo.objects)))
    )
    env["GIT_DIR"] = str(root / ".git")
    env["GIT_WORK_TREE"] = str(root)
    env["GIT_OPTIONAL_LOCKS"] = "0"
    return Git(str(root), env)


def _borrow(repo: Repository, root: Path) -> None:
    """Let the private repository see the user's objects, refs, filters and line-end settings."""
    folder = root / ".git"
    (folder / "objects" / "info").mkdir(parents=True, exist_ok=True)
    (folder / "objects" / "info" / "alternates").write_text(f"{repo.objects}\n")
    config = f"""[core]
\trepositoryformatversion = {0 if repo.object_format == "sha1" else 1}
[extensions]
\tobjectFormat = {repo.object_format}
[include]
\tpath = {_quoted(repo.common_dir / "config")}
[core]
\tbare = false
\tworktree = {_quoted(root)}
\thooksPath = /dev/null
\tfsmonitor = false
\tsparseCheckout = false
\tsplitIndex = false
\tuntrackedCache = false
[lfs]
\tstorage = {_quoted(repo.common_dir / "lfs")}
[gc]
\tauto = 0
"""
    if repo.object_format == "sha1":
        config = config.replace("[extensions]\n\tobjectFormat = sha1\n", "")
    (folder / "config").write_text(config)
    refs = repo.git.run("for-each-ref", "--format=%(objectname) %(refname)")
    (folder / "packed-refs").write_bytes(refs)
    branch = repo.git.ask("symbolic-ref", "-q", "HEAD")
    head = resolve(repo.git, "HEAD")
    text = f"ref: {branch}" if branch else head.id if head else "ref: refs/heads/main"
    (folder / "HEAD").write_text(text + "\n")


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _link(origin: Path, root: Path, paths: Iterable[str]) -> None:
    for path in paths:
        name = path.rstrip("/")
        if is_made_by_tools(path) and not path.endswith(".egg-info/"):
            continue
        target, link = origin / name, root / name
        link.parent.mkdir(parents=True, exist_ok=True)
        if link.is_dir() and not link.is_symlink() and not any(link.iterdir()):
            link.rmdir()  # git makes an empty folder for each submodule
        if not os.path.lexists(link):
            link.symlink_to(target, target_is_directory=target.is_dir())
