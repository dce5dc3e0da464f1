"""What git holds in its index at a commit: the hook must judge just what will be recorded.

Where git itself prepares the index (amend, `commit -a`, `commit path`), a plain hook of git runs
the real command and keeps its answer.
"""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from conftest import BASE_MODULE, Answered, Project

if TYPE_CHECKING:
    from pathlib import Path

G_EDITED = BASE_MODULE.replace("return 2", "return 3")
F_EDITED = BASE_MODULE.replace("y = x + 1", "y = 1 + x")
K_TEST = "import k\n\n\ndef test_k():\n    assert k.f(1) == 2\n"


class Hooked:
    """A project whose commits run covgate through a hook of git's own."""

    def __init__(self, project: Project, hook: str = "pre-commit") -> None:
        self.project = project
        # In the git folder: a file of the working tree would be one more untracked one.
        self.answer = project.root / ".git" / "covgate-answer.json"
        self.place = project.root / ".git" / "hooks" / hook
        self.place.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "covgate", "check", "--target=100"]
        command += ["--format", f"json:{self.answer}"]
        self.place.write_text(f"#!/bin/sh\nexec {shlex.join(command)}\n")
        self.place.chmod(0o755)

    def git(self, *args: str, cwd: str = ".") -> int:
        """Run git, with the hook; returns its exit code."""
        self.answer.unlink(missing_ok=True)
        self.done = self.project.run("git", *args, cwd=cwd)
        return self.done.code

    @property
    def said(self) -> Answered:
        """What the hook answered."""
        assert self.answer.exists(), f"the hook did not run: {self.done.out}{self.done.err}"
        return Answered(self.done.code, self.answer.read_text(), self.done.err)

    @property
    def data(self) -> dict[str, Any]:
        """The JSON answer of the hook."""
        found = json.loads(self.answer.read_text())
        assert isinstance(found, dict)
        return found


@pytest.fixture
def hooked(project: Project) -> Hooked:
    """The project with a second tested module `k`, and the hook."""
    project.commit({"k.py": BASE_MODULE, "test_k.py": K_TEST})
    return Hooked(project)


# -- unstaged, untracked, intent to add ------------------------------------------------------------


@pytest.mark.parametrize("other", ["unstaged", "untracked", "intent-to-add"])
def test_only_what_is_staged_counts(project: Project, other: str) -> None:
    if other == "unstaged":
        project.commit({"k.py": BASE_MODULE})
    project.stage({"m.py": F_EDITED})
    project.write({"k.py": G_EDITED})
    if other == "intent-to-add":
        project.git("add", "-N", "k.py")
    before = project.state()
    answer = project.check()
    assert (answer.code, answer.uncovered) == (0, {})
    assert list(answer.data["diff_coverage"]["files"]) == ["m.py"]
    assert project.state() == before


@pytest.mark.parametrize(
    ("staged", "working", "uncovered"),
    [
        pytest.param(G_EDITED, "# 1\n# 2\n# 3\n" + G_EDITED, [9], id="lines-inserted-above"),
        pytest.param(F_EDITED, F_EDITED.replace("1 + x", "1 - x"), [], id="staged-line-re-edited"),
        pytest.param(G_EDITED, BASE_MODULE, [9], id="reverted-in-the-working-tree"),
        pytest.param(G_EDITED, None, [9], id="deleted-from-the-working-tree"),
        pytest.param(F_EDITED, None, [], id="covered-and-deleted-from-the-working-tree"),
        pytest.param(F_EDITED, "def f(:\n", [], id="does-not-parse-in-the-working-tree"),
    ],
)
def test_partial_staging(
    project: Project, staged: str, working: str | None, uncovered: list[int]
) -> None:
    project.stage({"m.py": staged})
    project.write({"m.py": working})
    before = project.state()
    answer = project.check()
    assert answer.uncovered == ({"m.py": uncovered} if uncovered else {})
    assert answer.code == (1 if uncovered else 0), answer.err
    assert answer.data["tests"]["failed"] == []
    assert project.state() == before


def test_broken_staged_text_is_what_is_tested(project: Project) -> None:
    project.stage({"m.py": BASE_MODULE.replace("x + 1", "x + 2")})
    project.write({"m.py": BASE_MODULE})
    answer = project.check()
    assert (answer.code, answer.data["tests"]["failed"]) == (1, ["test_m.py::test_f"])


def test_an_unstaged_test_covers_nothing(project: Project) -> None:
    project.stage({"m.py": G_EDITED})
    project.write({"test_m.py": "from m import g\n\n\ndef test_g():\n    assert g(0) == 3\n"})
    assert project.check().uncovered == {"m.py": [9]}


def test_hunks_of_one_file_staged_apart(project: Project) -> None:
    project.stage({"m.py": F_EDITED})
    project.write({"m.py": F_EDITED.replace("return 2", "return 3")})
    answer = project.check()
    assert answer.data["diff_coverage"]["files"] == {"m.py": {"covered": [2], "uncovered": []}}


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_was_told_not_to_look_at(project: Project, flag: str) -> None:
    project.stage({"k.py": BASE_MODULE, "test_k.py": K_TEST})
    project.git("update-index", flag, "m.py")
    project.write({"m.py": "raise SystemExit(1)\n"})
    answer = project.check()
    assert (answer.uncovered, answer.data["tests"]["failed"]) == ({"k.py": [7, 8, 9]}, [])


@pytest.mark.parametrize("setting", ["splitIndex", "untrackedCache"])
def test_other_forms_of_the_index(project: Project, setting: str) -> None:
    project.git("config", f"core.{setting}", "true")
    project.git("update-index", "--split-index" if setting == "splitIndex" else "--refresh")
    project.stage({"m.py": G_EDITED})
    before = project.state()
    assert project.check().uncovered == {"m.py": [9]}
    assert project.state() == before


def test_index_of_version_4(project: Project) -> None:
    project.git("update-index", "--index-version", "4")
    project.stage({"m.py": G_EDITED})
    assert project.check().uncovered == {"m.py": [9]}


def test_sparse_checkout(project: Project) -> None:
    project.commit({"deep/k.py": BASE_MODULE, "lib/j.py": BASE_MODULE})
    project.git("sparse-checkout", "set", "--cone", "--sparse-index", "lib")
    project.stage({"m.py": G_EDITED})
    before = project.state()
    assert project.check().uncovered == {"m.py": [9]}
    assert project.state() == before


@pytest.mark.parametrize("args", [(), ("--only", "diff-coverage")], ids=["all", "only"])
def test_unmerged_index_is_never_a_pass(project: Project, args: tuple[str, ...]) -> None:
    project.git("checkout", "-qb", "topic")
    project.commit({"m.py": G_EDITED})
    project.git("checkout", "-q", "main")
    project.commit({"m.py": BASE_MODULE.replace("return 2", "return 4")})
    project.git("merge", "topic", check=False)
    answer = project.check(*args)
    assert answer.code == 2
    assert "m.py" in answer.data["findings"][0]["message"]


def test_nothing_staged_means_the_whole_project(project: Project) -> None:
    answer = project.check()
    assert (answer.data["mode"], answer.uncovered) == ("all", {"m.py": [7, 8, 9]})


def test_empty_index_over_a_commit(project: Project) -> None:
    project.git("rm", "-q", "--cached", "-r", ".")
    answer = project.check()
    assert (answer.code, answer.data["mode"]) == (0, "staged")


# -- commits that git prepares itself --------------------------------------------------------------


def test_commit_all(hooked: Hooked) -> None:
    hooked.project.write({"m.py": G_EDITED, "new.py": BASE_MODULE})
    assert hooked.git("commit", "-am", "edit") == 1
    assert hooked.said.uncovered == {"m.py": [9]}
    hooked.project.write({"m.py": F_EDITED})
    assert hooked.git("commit", "-am", "edit") == 0
    assert hooked.said.uncovered == {}


@pytest.mark.parametrize(("where", "way"), [(".", ("--",)), ("sub", ("--only",))])
def test_commit_path(hooked: Hooked, where: str, way: tuple[str, ...]) -> None:
    hooked.project.stage({"k.py": G_EDITED})
    hooked.project.write({"m.py": G_EDITED, "sub/.keep": ""})
    path = "m.py" if where == "." else "../m.py"
    assert hooked.git("commit", "-m", "edit", *way, path, cwd=where) == 1
    assert hooked.said.uncovered == {"m.py": [9]}
    assert list(hooked.data["diff_coverage"]["files"]) == ["m.py"]


def test_commit_path_of_a_covered_file_beside_an_uncovered_one(hooked: Hooked) -> None:
    hooked.project.stage({"k.py": G_EDITED})
    hooked.project.write({"m.py": F_EDITED})
    assert hooked.git("commit", "-m", "edit", "--", "m.py") == 0
    assert hooked.project.git("show", "--format=", "--name-only", "HEAD") == "m.py"


def test_commit_include(hooked: Hooked) -> None:
    hooked.project.stage({"k.py": G_EDITED})
    hooked.project.write({"m.py": G_EDITED})
    assert hooked.git("commit", "-m", "edit", "--include", "m.py") == 1
    assert hooked.said.uncovered == {"k.py": [9], "m.py": [9]}


def test_commit_from_a_sub_directory(hooked: Hooked) -> None:
    hooked.project.write({"sub/.keep": "", "m.py": G_EDITED})
    assert hooked.git("commit", "-am", "edit", cwd="sub") == 1
    assert hooked.said.uncovered == {"m.py": [9]}


def test_commit_from_elsewhere(hooked: Hooked) -> None:
    hooked.project.stage({"m.py": G_EDITED})
    root = str(hooked.project.root)
    args = ("-C", root, "-c", "diff.noprefix=true", "commit", "-m", "edit")
    hooked.answer.unlink(missing_ok=True)
    done = hooked.project.run("git", *args, cwd="..")
    assert done.code == 1
    assert Answered(1, hooked.answer.read_text(), "").uncovered == {"m.py": [9]}


def test_commit_by_git_dir_and_work_tree(hooked: Hooked) -> None:
    hooked.project.stage({"m.py": G_EDITED})
    root = hooked.project.root
    where = (f"--git-dir={root / '.git'}", f"--work-tree={root}")
    assert hooked.git(*where, "commit", "-m", "edit") == 1
    assert hooked.said.uncovered == {"m.py": [9]}


def test_allow_empty(hooked: Hooked) -> None:
    assert hooked.git("commit", "--allow-empty", "-m", "nothing") == 0
    assert hooked.data["mode"] == "staged"
    assert hooked.data["diff_coverage"] is None or not hooked.data["diff_coverage"]["files"]


# -- amend -----------------------------------------------------------------------------------------

AMENDS = [("--amend", "--no-edit"), ("-m", "again", "--amend")]


@pytest.mark.parametrize("options", AMENDS, ids=" ".join)
def test_amend_keeps_an_uncovered_line(hooked: Hooked, options: tuple[str, ...]) -> None:
    hooked.project.commit({"m.py": G_EDITED})
    hooked.project.stage({"k.py": F_EDITED})
    assert hooked.git("commit", *options) == 1
    assert hooked.said.uncovered == {"m.py": [9]}
    assert hooked.data["diff_coverage"]["files"]["k.py"]["covered"] == [2]


def test_amend_removes_an_uncovered_line(hooked: Hooked) -> None:
    hooked.project.commit({"m.py": G_EDITED})
    hooked.project.stage({"m.py": BASE_MODULE, "k.py": F_EDITED})
    assert hooked.git("commit", "--amend", "--no-edit") == 0
    assert list(hooked.data["diff_coverage"]["files"]) == ["k.py"]


def test_amend_brings_the_missing_test(hooked: Hooked) -> None:
    hooked.project.commit({"m.py": G_EDITED})
    hooked.project.stage({"test_g.py": "import m\n\n\ndef test_g():\n    assert m.g(0) == 3\n"})
    assert hooked.git("commit", "--amend", "--no-edit") == 0
    assert hooked.data["diff_coverage"]["files"]["m.py"] == {"covered": [9], "uncovered": []}


def test_amend_of_the_message_only(hooked: Hooked) -> None:
    hooked.project.commit({"m.py": G_EDITED})
    assert hooked.git("commit", "--amend", "-m", "better words") == 1
    assert hooked.said.uncovered == {"m.py": [9]}


def test_amend_of_the_first_commit(empty_project: Project) -> None:
    test = "from m import f\n\n\ndef test_f():\n    assert f(1) == 2\n"
    empty_project.commit({"m.py": BASE_MODULE, "test_m.py": test})
    hooked = Hooked(empty_project)
    assert hooked.git("commit", "--amend", "-m", "first") == 1
    assert hooked.said.uncovered == {"m.py": [7, 8, 9]}


def test_amend_through_an_alias(hooked: Hooked) -> None:
    hooked.project.git("config", "alias.fix", "commit --amend --no-edit")
    hooked.project.commit({"m.py": G_EDITED})
    assert hooked.git("fix") == 1
    assert hooked.said.uncovered == {"m.py": [9]}


def test_amend_of_a_merge(hooked: Hooked) -> None:
    project = hooked.project
    project.git("checkout", "-qb", "topic")
    project.commit({"k.py": G_EDITED})
    project.git("checkout", "-q", "main")
    project.commit({"other.txt": "x\n"})
    project.git("merge", "-q", "--no-edit", "--no-verify", "topic")
    project.stage({"m.py": G_EDITED})
    assert hooked.git("commit", "--amend", "--no-edit") == 1
    # The lines of the other side are not the merge's own.
    assert hooked.said.uncovered == {"m.py": [9]}


@pytest.mark.parametrize("message", [("-m", "--amend"), ("-F", "--amend")], ids=" ".join)
def test_a_message_is_no_option(hooked: Hooked, message: tuple[str, ...]) -> None:
    hooked.project.commit({"m.py": G_EDITED, "--amend": "words\n"})
    hooked.project.stage({"k.py": F_EDITED})
    assert hooked.git("commit", *message) == 0
    assert list(hooked.data["diff_coverage"]["files"]) == ["k.py"]


def test_amend_taken_back(hooked: Hooked) -> None:
    hooked.project.commit({"m.py": G_EDITED})
    hooked.project.stage({"k.py": F_EDITED})
    assert hooked.git("commit", "--amend", "--no-amend", "-m", "new") == 0
    assert list(hooked.data["diff_coverage"]["files"]) == ["k.py"]


# -- linked working trees --------------------------------------------------------------------------


def test_linked_working_tree(hooked: Hooked, tmp_path: Path) -> None:
    tree = tmp_path / "linked tree"
    hooked.project.git("worktree", "add", "-q", "-b", "topic", str(tree))
    (tree / "m.py").write_text(G_EDITED)
    before = hooked.project.state()
    hooked.answer.unlink(missing_ok=True)
    done = hooked.project.run("git", "commit", "-am", "edit", cwd=str(tree))
    assert done.code == 1
    assert Answered(1, hooked.answer.read_text(), "").uncovered == {"m.py": [9]}
    assert hooked.project.state() == before


COMMITTING_TEST = """\
import subprocess
from m import f


def git(*args, cwd):
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@y", *args], cwd=cwd, check=True)


def test_commits(tmp_path):
    git("init", "-q", ".", cwd=tmp_path)
    (tmp_path / "a").write_text("a")
    git("add", "a", cwd=tmp_path)
    git("config", "user.name", "fixture", cwd=tmp_path)
    git("commit", "-q", "-m", "fixture commit", cwd=tmp_path)
    assert f(1) == 2
"""


@pytest.mark.parametrize(
    ("way", "linked"), [("plain", True), ("all", True), ("all", False), ("path", False)]
)
def test_tests_that_commit_leave_the_repository_alone(
    hooked: Hooked, tmp_path: Path, way: str, linked: bool
) -> None:
    project = hooked.project
    project.commit({"test_git.py": COMMITTING_TEST})
    tree = project.root
    if linked:
        tree = tmp_path / "linked"
        project.git("worktree", "add", "-q", "-b", "topic", str(tree))
    config = (project.root / ".git" / "config").read_bytes()
    parent = project.git("rev-parse", "HEAD")
    (tree / "m.py").write_text(F_EDITED)
    args = {"plain": (), "all": ("-a",), "path": ("--", "m.py")}[way]
    if way == "plain":
        project.run("git", "add", "m.py", cwd=str(tree), check=True)
    done = project.run("git", "commit", "-m", "mine", *args, cwd=str(tree))
    assert done.code == 0, done.err + hooked.answer.read_text()
    log = project.run("git", "log", "--format=%s %P", "-1", cwd=str(tree)).out.strip()
    assert log == f"mine {parent}"
    assert (project.root / ".git" / "config").read_bytes() == config
    assert project.run("git", "status", "--porcelain", cwd=str(tree)).out == ""
