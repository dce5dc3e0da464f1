"""What git is doing at this moment, read from the processes and variables around the hook.

No variable tells a pre-commit hook that `--amend` was given, and at that stage HEAD is still the
commit that is being replaced. The command line of the `git commit` that started the hook says it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DEPTH = 24
# Options of git itself that take a value in the next word.
_VALUED = {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env"}
_COMMIT_VALUED = (
    "--author",
    "--cleanup",
    "--date",
    "--file",
    "--fixup",
    "--message",
    "--pathspec-from-file",
    "--reedit-message",
    "--reuse-message",
    "--squash",
    "--template",
    "--trailer",
)


class Occasion(NamedTuple):
    """Whether a `git commit` is under way, whether it amends, and the heads being merged."""

    committing: bool = False
    amending: bool = False
    merging: tuple[str, ...] = ()


def observe(top: Path, git_dir: Path, env: Mapping[str, str]) -> Occasion:
    """Look at the processes above this one, at MERGE_HEAD and at what `git merge` exports."""
    above = (_commit_words(argv) for argv in _git_ancestors(top))
    words = next((found for found in above if found is not None), None)
    amending = words is not None and _amends(words)
    return Occasion(words is not None, amending, _merge_heads(git_dir, env))


def _merge_heads(git_dir: Path, env: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return tuple((git_dir / "MERGE_HEAD").read_text().split())
    except OSError:
        pass
    if not env.get("GIT_REFLOG_ACTION", "").startswith(("merge", "pull")):
        return ()
    # A clean merge runs pre-merge-commit before it writes MERGE_HEAD.
    names = (key.removeprefix("GITHEAD_") for key in env if key.startswith("GITHEAD_"))
    return tuple(sorted(names))


def _commit_words(argv: Sequence[str]) -> Sequence[str] | None:
    """Return the words after `commit` when `argv` is a `git commit`."""
    if not argv or Path(argv[0]).stem not in {"git", "git-commit"}:
        return None
    if Path(argv[0]).stem == "git-commit":
        return argv[1:]
    words = list(argv[1:])
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in _VALUED else words[1:]
    return words[1:] if words and words[0] == "commit" else None


def _amends(words: Sequence[str]) -> bool:
    """Whether the words after `git commit` ask to amend; the last of contrary options counts."""
    amends = False
    rest = iter(words)
    for word in rest:
        if word == "--":
            break
        # git accepts any unambiguous beginning of a long option.
        if len(word) >= len("--am") and "--amend".startswith(word):
            amends = True
        elif len(word) >= len("--no-am") and "--no-amend".startswith(word):
            amends = False
        elif _takes_next_word(word):
            next(rest, None)
    return amends


def _takes_next_word(word: str) -> bool:
    """Whether an option of `git commit` has its value in the next word."""
    if word.startswith("--"):
        return len(word) > len("--") and any(name.startswith(word) for name in _COMMIT_VALUED)
    if not word.startswith("-"):
        return False
    # In a cluster such as `-am`, what follows the first letter with a value is the value.
    at = next((n for n, letter in enumerate(word) if letter in "mFCctSu"), -1)
    return at == len(word) - 1 and word[at] in "mFCct"


def _git_ancestors(top: Path) -> Iterator[Sequence[str]]:
    """Yield the command lines above this process that run in the working tree `top`."""
    pid = os.getppid()
    for _ in range(_DEPTH):
        if pid <= 1:
            return
        process = _process(pid)
        if process is None:
            return
        parent, argv, folder = process
        # A hook of another repository may have started the tests that started us.
        if folder is None or top == folder or top in folder.parents:
            yield argv
        pid = parent


def _process(pid: int) -> tuple[int, Sequence[str], Path | None] | None:
    """Return parent, command line and working folder (None when unknown) of a process."""
    proc = Path(f"/proc/{pid}")
    try:
        stat = (proc / "stat").read_text(errors="replace")
        argv = os.fsdecode((proc / "cmdline").read_bytes()).split("\0")[:-1]
        folder = (proc / "cwd").readlink()
        return int(stat.rpartition(")")[2].split()[1]), argv, folder
    except (OSError, ValueError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return None
    try:
        listed = subprocess.run(
            ["ps", "-o", "ppid=,args=", "-p", str(pid)], capture_output=True, check=False, text=True
        ).stdout.split()
        return int(listed[0]), listed[1:], None
    except (OSError, ValueError, IndexError):
        return None
