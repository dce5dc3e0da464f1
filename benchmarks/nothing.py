"""A commit with nothing to do: a line is added to the README, and covgate, warm, judges it.

By turns with it `diff-cover --version`: the quickest that a command of the full way can be.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from contenders import record_parent
from measuring import Done, measured

from git import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from workspace import Workspace

ROUNDS = 5
OURS, THEIRS = "covgate check", "diff-cover --version"


def nothing_to_do(work: Workspace, results: Path) -> dict[str, list[dict[str, float]]]:
    """Return what both commands cost, round by round; what `results` has is not measured again.

    Raises RuntimeError when a command fails: what it took would say nothing.
    """
    rows = list(map(json.loads, results.read_text().splitlines())) if results.exists() else []
    if len(rows) < ROUNDS:
        _check_out(work)
        record_parent(work)
        rows = [_round(work, number) for number in range(ROUNDS + 1)][1:]  # the first one warms
        results.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return {name: [row[name] for row in rows] for name in (OURS, THEIRS)}


def _round(work: Workspace, number: int) -> dict[str, dict[str, float]]:
    _plant(work, number)
    commands = {
        OURS: [sys.executable, "-m", "covgate", "check"],
        THEIRS: [str(work.python.parent / "diff-cover"), "--version"],
    }
    return {name: _cost(name, measured(c, work.clone, work.env)) for name, c in commands.items()}


def _cost(name: str, done: Done) -> dict[str, float]:
    if done.code:
        raise RuntimeError(f"{name}: exit status {done.code}: {done.out}{done.err}")
    return done.cost._asdict()


def _plant(work: Workspace, number: int) -> None:
    """Stage a README that no earlier round has seen: a receipt would answer for a known one."""
    _check_out(work)
    git = Repo(work.clone).git
    tracked = git.ls_files("-z").split("\0")
    readme = next((path for path in tracked if path.lower().startswith("readme")), "README.md")
    with (work.clone / readme).open("a") as stream:
        stream.write(f"\nRead on, {number}.\n")
    git.add("--force", readme)


def _check_out(work: Workspace) -> None:
    git = Repo(work.clone).git
    git.checkout("--quiet", "--force", "--detach", "replay-tip")
    git.clean("-ffdq")
