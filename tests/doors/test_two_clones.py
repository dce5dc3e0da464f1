"""Two developers, two clones, one remote: every gate and CI agree on what they merge."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from conftest import Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BASE = "def f(x):\n    return x + 1\n"
OF_A = "def f(x):\n    return 1 + x\n"
OF_B = "def f(x):\n    return x - -1\n"
MERGED = "def f(x):\n    if x > 9:\n        return 10\n    return 1 + x\n"
TEST = "from m import f\n\n\ndef test_f():\n    assert f(1) == 2\n"
MORE = TEST + "\n\ndef test_more():\n    assert f(10) == 10\n"
HOOK = """\
#!/bin/sh
exec '{python}' -m covgate check --target 100 --format json:'{answer}' --format text
"""


class Developer:
    """A clone whose commits go through the gate."""

    def __init__(self, folder: Path, name: str, remote: Path, env: Mapping[str, str]) -> None:
        self.project = Project(folder / name, env)
        self.answer = folder / f"{name}.json"
        self.project.git("remote", "add", "origin", str(remote))
        self.project.git("fetch", "-q", "origin")
        self.project.git("checkout", "-q", "-B", "main", "--track", "origin/main")
        hook = self.project.root / ".git" / "hooks" / "pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(HOOK.format(python=sys.executable, answer=self.answer))
        hook.chmod(0o755)

    def commit(self, files: Mapping[str, str], *args: str) -> Any:
        """Commit through the gate, and return its answer with the exit code of git."""
        self.project.stage(files)
        done = self.project.run("git", "commit", "-m", "a change", *args)
        return done.code, json.loads(self.answer.read_text())

    def push(self) -> None:
        self.project.git("push", "-q", "origin", "main")


class Story(dict[str, Any]):
    """What each gate, and CI after each push, said."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Story:
    folder = tmp_path_factory.mktemp("clones")
    remote = folder / "remote.git"
    seed = Project(folder / "seed", clean_env)
    start = seed.commit({"m.py": BASE, "test_m.py": TEST}, "base")
    seed.git("init", "-q", "--bare", "-b", "main", str(remote))
    seed.git("push", "-q", str(remote), "main")
    a, b = (Developer(folder, name, remote, clean_env) for name in ("a", "b"))
    runner = Project(folder / "ci", clean_env)
    runner.git("remote", "add", "origin", str(remote))

    def ci(before: str) -> Any:
        """What a job says that checks the pushed commit out afresh."""
        runner.git("fetch", "-q", "origin")
        runner.git("checkout", "-q", "--detach", "origin/main")
        return runner.covgate("ci", "--target=100", "--format=json", "--base", before).data

    told = Story()
    told["a"] = a.commit({"m.py": OF_A})
    a.push()
    pushed = a.project.git("rev-parse", "HEAD")
    told["ci of a"] = ci(start)
    told["b"] = b.commit({"m.py": OF_B})
    pulled = b.project.run("git", "pull", "-q", "--no-rebase", "--no-edit")
    told["conflict"] = (pulled.code, b.project.git("diff", "--name-only", "--diff-filter=U"))
    told["merge"] = b.commit({"m.py": MERGED})
    told["forced"] = b.project.run("git", "commit", "--no-verify", "-m", "merge").code
    b.push()
    told["ci of merge"] = ci(pushed)
    told["repaired"] = b.commit({"test_m.py": MORE})
    b.push()
    told["ci of repair"] = ci(pushed)
    return told


def test_what_a_commits_passes_everywhere(story: Story) -> None:
    code, gate = story["a"]
    assert (code, gate["verdict"], story["ci of a"]["verdict"]) == (0, "pass", "pass")
    for key in ("tree", "findings", "diff_coverage"):
        assert gate[key] == story["ci of a"][key]


def test_b_passes_alone_and_runs_into_a_conflict(story: Story) -> None:
    assert (story["b"][0], story["b"][1]["verdict"]) == (0, "pass")
    assert story["conflict"] == (1, "m.py")


def test_the_merge_is_blocked_by_what_the_resolution_adds(story: Story) -> None:
    code, gate = story["merge"]
    assert (code, gate["mode"], gate["verdict"]) == (1, "merge", "block")
    # The last line is that of A; the others differ from both parents.
    assert gate["diff_coverage"]["files"]["m.py"] == {"covered": [2], "uncovered": [3]}


def test_ci_says_the_same_of_the_merge_that_was_forced(story: Story) -> None:
    gate, ci = story["merge"][1], story["ci of merge"]
    assert story["forced"] == 0
    for key in ("tree", "verdict", "findings", "diff_coverage"):
        assert gate[key] == ci[key]


def test_the_repair_passes_everywhere(story: Story) -> None:
    code, gate = story["repaired"]
    ci = story["ci of repair"]
    assert (code, gate["verdict"], ci["verdict"], gate["tree"]) == (0, "pass", "pass", ci["tree"])
    assert ci["diff_coverage"]["files"]["m.py"] == {"covered": [2, 3], "uncovered": []}
