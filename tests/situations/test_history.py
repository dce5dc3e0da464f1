"""Histories: first commits, merges, ranges, submodules; judged by the real command.

The lines of each are told apart in tests/change; here the whole gate gives its verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_index_states import Hooked

from conftest import BASE_MODULE, BASE_TEST, Project

if TYPE_CHECKING:
    from pathlib import Path

G_EDITED = BASE_MODULE.replace("return 2", "return 3")
F_EDITED = BASE_MODULE.replace("y = x + 1", "y = 1 + x")
K_TEST = "import k\n\n\ndef test_k():\n    assert k.f(1) == 2\n"


# -- first commits ---------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("untracked", [False, True], ids=["in-place", "isolated"])
def test_first_commit(
    tmp_path: Path, clean_env: dict[str, str], algorithm: str, untracked: bool
) -> None:
    project = Project(tmp_path / "project", clean_env, algorithm)
    project.stage({"m.py": BASE_MODULE, "test_m.py": BASE_TEST})
    if untracked:
        project.write({"other.py": "A = 1\n"})
    answer = project.check()
    assert (answer.code, answer.uncovered) == (1, {"m.py": [7, 8, 9]})


def test_first_commit_through_git(empty_project: Project) -> None:
    hooked = Hooked(empty_project)
    empty_project.stage({"m.py": BASE_MODULE, "test_m.py": BASE_TEST})
    assert hooked.git("commit", "-m", "first") == 1
    assert hooked.said.uncovered == {"m.py": [7, 8, 9]}
    empty_project.stage({"m.py": BASE_MODULE.partition("\n\n\n")[0] + "\n"})
    assert hooked.git("commit", "-m", "first") == 0, hooked.answer.read_text()


def test_first_commit_without_any_python(empty_project: Project) -> None:
    empty_project.stage({"README.md": "# Hello\n"})
    answer = empty_project.check()
    assert (answer.code, answer.uncovered) == (0, {})


# -- merges ----------------------------------------------------------------------------------------


@pytest.fixture
def forked(project: Project) -> Hooked:
    """Branches `one` (k.py uncovered) and `two` (j.py uncovered); main edits m.py."""
    project.commit({"k.py": BASE_MODULE, "test_k.py": K_TEST})
    project.git("branch", "two")
    project.git("checkout", "-qb", "one")
    project.commit({"k.py": G_EDITED})
    project.git("checkout", "-q", "two")
    project.commit({"j.py": BASE_MODULE})
    project.git("checkout", "-q", "main")
    project.commit({"m.py": F_EDITED})
    return Hooked(project, "pre-merge-commit")


@pytest.mark.parametrize("heads", [("one",), ("one", "two")], ids=["two-parents", "octopus"])
def test_merge_without_conflict(forked: Hooked, heads: tuple[str, ...]) -> None:
    assert forked.git("merge", "--no-edit", *heads) == 0, forked.said
    assert forked.data["mode"] == "merge"
    assert forked.said.uncovered == {}
    parents = forked.project.git("log", "-1", "--format=%P").split()
    assert len(parents) == 1 + len(heads)


def test_pull(forked: Hooked, tmp_path: Path) -> None:
    clone = Project(tmp_path / "clone", forked.project.env)
    clone.git("pull", "-q", str(forked.project.root), "main")
    clone.commit({"other.txt": "x\n"})
    hooked = Hooked(clone, "pre-merge-commit")
    args = ("pull", "--no-rebase", "--no-edit", str(forked.project.root), "one")
    assert hooked.git(*args) == 0, hooked.done
    assert (hooked.data["mode"], hooked.said.uncovered) == ("merge", {})


def test_merge_whose_result_fails_the_tests(forked: Hooked) -> None:
    project = forked.project
    project.git("checkout", "-qb", "three", "main~1")
    project.commit({"test_more.py": "from m import f\n\n\ndef test_more():\n    f(1, 2)\n"})
    project.git("checkout", "-q", "main")
    assert forked.git("merge", "--no-edit", "three") == 1
    assert forked.data["tests"]["failed"] == ["test_more.py::test_more"]


@pytest.mark.parametrize(
    ("typed", "uncovered"),
    [
        ({"k.py": G_EDITED.replace("if x:", "if not x:")}, {"k.py": [7]}),
        ({"k.py": G_EDITED.replace("def g(x):", "def g(x=0):")}, {}),
        ({"k.py": G_EDITED.replace("    return 3", "    x = 4\n    return 3")}, {"k.py": [9]}),
        ({"m.py": F_EDITED.replace("return 2", "return 4")}, {"m.py": [9]}),
        ({"new.py": "A = 1\n"}, {"new.py": [1]}),
    ],
    ids=["line-of-theirs", "covered", "line-between", "file-of-ours", "new-file"],
)
def test_line_typed_in_a_merge(
    forked: Hooked, typed: dict[str, str], uncovered: dict[str, list[int]]
) -> None:
    project = forked.project
    project.git("merge", "-q", "--no-commit", "one")
    project.stage(dict(typed))
    answer = project.check()
    assert (answer.code, answer.uncovered) == (1 if uncovered else 0, uncovered)


def test_resolved_conflict(forked: Hooked) -> None:
    project = forked.project
    project.commit({"k.py": BASE_MODULE.replace("return 2", "return 4")})
    project.git("merge", "one", check=False)
    hooked = Hooked(project)
    project.stage({"k.py": BASE_MODULE.replace("return 2", "return 3 + 4")})
    assert hooked.git("commit", "--no-edit") == 1
    assert hooked.said.uncovered == {"k.py": [9]}
    project.stage({"k.py": G_EDITED})
    assert hooked.git("commit", "--no-edit") == 0
    assert hooked.data["mode"] == "merge"


# -- ranges ----------------------------------------------------------------------------------------


@pytest.fixture
def branched(project: Project) -> Project:
    """A branch with line 9 of m.py edited; main moved on with an uncovered line in k.py."""
    project.commit({"k.py": BASE_MODULE, "test_k.py": K_TEST})
    project.git("checkout", "-qb", "topic")
    project.commit({"m.py": G_EDITED})
    project.git("checkout", "-q", "main")
    project.commit({"k.py": G_EDITED})
    project.git("checkout", "-q", "topic")
    return project


@pytest.mark.parametrize("merged", [False, True], ids=["base-moved-on", "main-merged-in"])
def test_range(branched: Project, merged: bool) -> None:
    if merged:
        branched.git("merge", "-q", "--no-edit", "main")
    answer = branched.check("--from-ref", "main", "--to-ref", "HEAD")
    assert (answer.code, answer.data["mode"], answer.uncovered) == (1, "range", {"m.py": [9]})


def test_range_by_the_variables_of_the_runner(branched: Project) -> None:
    answer = branched.check(PRE_COMMIT_FROM_REF="main", PRE_COMMIT_TO_REF="HEAD")
    assert (answer.code, answer.uncovered) == (1, {"m.py": [9]})


def test_merge_ref_of_a_pull_request(branched: Project) -> None:
    branched.git("checkout", "-q", "--detach", "main")
    branched.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    answer = branched.check("--from-ref", "HEAD^1", "--to-ref", "HEAD")
    assert (answer.code, answer.uncovered) == (1, {"m.py": [9]})


def test_whole_branch_and_what_is_staged(branched: Project) -> None:
    branched.stage({"m.py": "# 1\n# 2\n# 3\n" + G_EDITED})
    answer = branched.check("--from-ref", "main")
    assert (answer.code, answer.uncovered) == (1, {"m.py": [12]})


def test_range_that_is_not_checked_out(branched: Project) -> None:
    """The tests run on the end of the range, not on what happens to lie in the working tree."""
    branched.commit({"test_g.py": "import m\n\n\ndef test_g():\n    assert m.g(0) == 3\n"})
    branched.git("checkout", "-q", "main")
    answer = branched.check("--from-ref", "main", "--to-ref", "topic")
    assert (answer.code, answer.uncovered) == (0, {})
    assert answer.data["diff_coverage"]["files"]["m.py"]["covered"] == [9]


def test_shallow_clone_is_undecided(branched: Project, tmp_path: Path) -> None:
    clone = Project(tmp_path / "clone", branched.env)
    clone.git("fetch", "-q", "--depth=1", f"file://{branched.root}", "topic")
    clone.git("checkout", "-q", "FETCH_HEAD")
    answer = clone.check("--from-ref", "HEAD^1", "--to-ref", "HEAD")
    assert (answer.code, answer.data["verdict"]) == (3, "undecided")
    assert "git fetch --unshallow" in answer.data["findings"][0]["help"]


# -- submodules, sub-directories, everything at once -----------------------------------------------


@pytest.mark.parametrize("form", ["short", "diff"])
def test_submodule_bump(project: Project, tmp_path: Path, form: str) -> None:
    library = Project(tmp_path / "library", project.env)
    library.commit({"k.py": BASE_MODULE})
    allow = ("-c", "protocol.file.allow=always")
    project.git(*allow, "submodule", "-q", "add", str(library.root), "lib")
    project.git("commit", "-qm", "a submodule")
    head = library.commit({"k.py": G_EDITED})
    inside = str(project.root / "lib")
    project.run("git", *allow, "fetch", "-q", cwd=inside, check=True)
    project.run("git", "checkout", "-q", head, cwd=inside, check=True)
    project.git("add", "lib")
    project.git("config", "diff.submodule", form)
    answer = project.check()
    assert (answer.code, answer.uncovered) == (0, {})


def test_from_a_sub_directory(project: Project) -> None:
    project.stage({"m.py": G_EDITED, "sub/.keep": ""})
    answer = project.check(cwd="sub")
    assert (answer.code, answer.uncovered) == (1, {"m.py": [9]})


def test_every_setting_of_a_user_at_once(project: Project, tmp_path: Path) -> None:
    home = tmp_path / "gitconfig"
    home.write_text(
        "[diff]\n noprefix = true\n mnemonicPrefix = true\n external = false\n relative = true\n"
        " interHunkContext = 9\n context = 9\n renames = false\n algorithm = patience\n"
        " submodule = log\n orderFile = nothing\n[color]\n ui = always\n diff = always\n"
        "[core]\n quotePath = true\n pager = false\n bigFileThreshold = 1\n"
        '[diff "upper"]\n textconv = tr a-z A-Z <\n command = false\n xfuncname = .\n'
    )
    project.commit({".gitattributes": "*.py -diff diff=upper\n"})
    project.stage({"m.py": G_EDITED})
    answer = project.check(
        GIT_CONFIG_GLOBAL=str(home),
        GIT_DIFF_OPTS="--unified=9",
        GIT_EXTERNAL_DIFF="false",
        LC_ALL="de_DE.UTF-8",
    )
    assert (answer.code, answer.uncovered) == (1, {"m.py": [9]})


def test_a_deleted_test_leaves_the_patch_covered(project: Project) -> None:
    project.commit({"test_g.py": "from m import g\n\n\ndef test_g():\n    g(0)\n    g(1)\n"})
    project.git("rm", "-q", "test_g.py")
    answer = project.check()
    assert (answer.code, answer.uncovered) == (0, {})
