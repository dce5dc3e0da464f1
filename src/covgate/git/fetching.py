"""Getting missing history from the remote: objects alone, no ref and no setting is written.

Only a CI job does this, where the clone is the job's own and was made without enough history.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from covgate.git.process import Git

_SECONDS = 300
_WHOLE = 2**31 - 1  # git's own word for "no limit"
_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class RemoteHeads(NamedTuple):
    """The branches of a remote with their commits, and the name of the default one."""

    default: str | None
    branches: Mapping[str, str]


def is_commit_id(text: str | None) -> bool:
    """Whether a text is a whole commit id, and not the zeros that stand for "none"."""
    return bool(text) and _ID.fullmatch(text or "") is not None and text != "0" * len(text or "")


def remote_of(git: Git) -> str | None:
    """Return the remote to ask: origin, else the only one."""
    remotes = (git.ask("remote") or "").split("\n")
    return "origin" if "origin" in remotes else (remotes[0] or None if len(remotes) == 1 else None)


def read_heads(git: Git, remote: str) -> RemoteHeads | None:
    """Ask a remote for its branches; None when it does not answer."""
    done = _talk(git, "ls-remote", "--symref", "--", remote, "HEAD", "refs/heads/*")
    if isinstance(done, str) or done.returncode:
        return None
    default: str | None = None
    branches: dict[str, str] = {}
    for line in os.fsdecode(done.stdout).splitlines():
        value, _, ref = line.partition("\t")
        if value.startswith("ref: "):
            default = value.removeprefix("ref: refs/heads/") if ref == "HEAD" else default
        elif ref.startswith("refs/heads/"):
            branches[ref.removeprefix("refs/heads/")] = value
    return RemoteHeads(default, branches)


def fetch_commits(git: Git, remote: str, commits: Sequence[str], depth: int | None) -> str:
    """Fetch commits by id, with `depth` commits of history (None: all that is missing).

    Returns why it failed, "" when it did not.
    """
    limit = () if depth is None else (f"--depth={min(depth, _WHOLE)}",)
    done = _talk(
        git,
        "-c",
        "gc.auto=0",
        "-c",
        "fetch.writeCommitGraph=false",
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-prune",
        "--no-write-fetch-head",
        "--no-recurse-submodules",
        "--no-auto-maintenance",
        "--refmap=",
        *limit,
        "--",
        remote,
        *commits,
    )
    if isinstance(done, str):
        return done
    if done.returncode == 0:
        return ""
    said = os.fsdecode(done.stderr).strip().splitlines()
    return said[-1] if said else f"git fetch ended with exit code {done.returncode}"


def _talk(git: Git, *args: str) -> subprocess.CompletedProcess[bytes] | str:
    """Run a git command that talks to a remote: never asks for a password, never hangs."""
    try:
        return subprocess.run(
            git.command(*args),
            cwd=git.folder,
            env={**git.env, "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"git {args[0]} did not end in {_SECONDS} s"
