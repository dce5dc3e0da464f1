"""Calling git: what is kept of the environment, errors, objects, the tree of an index."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conftest import BASE_MODULE, Project
from covgate.errors import UsageError
from covgate.git.objects import (
    ObjectReader,
    empty_tree,
    index_path,
    private_objects,
    tree_of_index,
)
from covgate.git.process import Git, GitError
from covgate.git.repository import discover, resolve, scratch_folder

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("GIT_INDEX_FILE", True),
        ("GIT_DIR", True),
        ("GIT_WORK_TREE", True),
        ("GIT_OBJECT_DIRECTORY", True),
        ("GIT_CONFIG_COUNT", True),
        ("HOME", True),
        ("GIT_DIFF_OPTS", False),
        ("GIT_EXTERNAL_DIFF", False),
        ("GIT_LITERAL_PATHSPECS", False),
        ("GIT_ICASE_PATHSPECS", False),
        ("GIT_PREFIX", False),
    ],
)
def test_variables_that_our_git_sees(name: str, kept: bool) -> None:
    assert (name in Git(".", {name: "x"}).env) is kept


def test_reads_take_no_locks_and_speak_one_language() -> None:
    env = Git(".", {"LC_ALL": "de_DE.UTF-8", "GIT_OPTIONAL_LOCKS": "1"}).env
    assert (env["GIT_OPTIONAL_LOCKS"], env["LC_ALL"]) == ("0", "C")


def test_errors_carry_git_s_own_words(project: Project) -> None:
    git = Git(str(project.root), project.env)
    with pytest.raises(GitError, match=r"git cat-file failed: .*nothing-like-this"):
        git.run("cat-file", "-t", "nothing-like-this")
    assert git.ask("cat-file", "-t", "nothing-like-this") is None
    assert git.ask("cat-file", "-t", "HEAD") == "commit"


def test_input(project: Project) -> None:
    git = Git(str(project.root), project.env)
    assert git.run("hash-object", "--stdin", stdin=b"") == git.run("hash-object", "--stdin")
    assert git.run("hash-object", "--stdin", stdin=b"x") != git.run("hash-object", "--stdin")


# -- objects ---------------------------------------------------------------------------------------


def test_objects_are_read_in_any_order(project: Project) -> None:
    texts = {"a": b"", "b": b"\n\n", "c": b"no newline", "d": bytes(range(256)) * 999}
    project.commit(dict(texts))
    reader = ObjectReader(Git(str(project.root), project.env))
    blobs = {name: project.git("rev-parse", f"HEAD:{name}") for name in texts}
    for name in (*texts, *reversed(texts)):
        assert reader.read(blobs[name]) == texts[name]
    reader.close()
    assert reader.read(blobs["c"]) == b"no newline"
    reader.close()
    reader.close()


def test_missing_object(project: Project) -> None:
    reader = ObjectReader(Git(str(project.root), project.env))
    with pytest.raises(GitError, match="missing"):
        reader.read("0" * 39 + "1")
    assert reader.read(project.git("rev-parse", "HEAD:m.py")) == BASE_MODULE.encode()
    reader.close()


def test_new_objects_stay_private(project: Project, tmp_path: Path) -> None:
    before = sorted((project.root / ".git" / "objects").rglob("*"))
    repo = discover(project.root, project.env)
    git = private_objects(repo, tmp_path)
    blob = git.run("hash-object", "-w", "--stdin", stdin=b"ours").decode().strip()
    assert git.run("cat-file", "blob", blob) == b"ours"
    assert git.run("cat-file", "blob", "HEAD:m.py") == BASE_MODULE.encode()
    assert sorted((project.root / ".git" / "objects").rglob("*")) == before


def test_inherited_alternates_stay_readable(project: Project, tmp_path: Path) -> None:
    other = Project(tmp_path / "other", project.env)
    other.commit({"far.txt": "far\n"})
    alternates = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(other.root / ".git" / "objects")}
    repo = discover(project.root, {**project.env, **alternates})
    git = private_objects(repo, tmp_path)
    assert git.run("cat-file", "blob", other.git("rev-parse", "HEAD:far.txt")) == b"far\n"


# -- the index -------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_tree_of_an_index(tmp_path: Path, clean_env: dict[str, str], algorithm: str) -> None:
    project = Project(tmp_path / "project", clean_env, algorithm)
    repo = discover(project.root, clean_env)
    git = private_objects(repo, scratch_folder(repo))
    assert empty_tree(git) == EMPTY[algorithm]
    assert tree_of_index(repo, git, scratch_folder(repo)) == EMPTY[algorithm]
    project.stage({"a/b.py": "A = 1\n"})
    tree = tree_of_index(repo, git, scratch_folder(repo))
    assert tree == project.git("write-tree")
    assert repo.object_format == algorithm


def test_intent_to_add_is_not_recorded(project: Project) -> None:
    project.write({"k.py": "A = 1\n"})
    project.git("add", "-N", "k.py")
    repo = discover(project.root, project.env)
    git = private_objects(repo, scratch_folder(repo))
    assert tree_of_index(repo, git, scratch_folder(repo)) == project.git("rev-parse", "HEAD^{tree}")


def test_index_of_another_name(project: Project, tmp_path: Path) -> None:
    repo = discover(project.root, project.env)
    assert index_path(repo) == repo.git_dir / "index"
    named = discover(project.root, {**project.env, "GIT_INDEX_FILE": ".git/next-index-1.lock"})
    assert index_path(named) == project.root / ".git" / "next-index-1.lock"
    absolute = discover(project.root, {**project.env, "GIT_INDEX_FILE": str(tmp_path / "i")})
    assert index_path(absolute) == tmp_path / "i"


def test_broken_index_is_not_an_empty_one(project: Project) -> None:
    (project.root / ".git" / "index").write_bytes(b"DIRC broken")
    repo = discover(project.root, project.env)
    with pytest.raises(UsageError, match="damaged"):
        tree_of_index(repo, private_objects(repo, scratch_folder(repo)), scratch_folder(repo))


def test_unmerged_paths_are_named(project: Project) -> None:
    blob = project.git("rev-parse", "HEAD:m.py")
    stages = "".join(f"100644 {blob} {n}\tä b.py\n" for n in (1, 2, 3))
    git = Git(str(project.root), project.env)
    git.run("update-index", "--index-info", stdin=stages.encode())
    repo = discover(project.root, project.env)
    with pytest.raises(UsageError, match=r"unmerged paths: ä b\.py"):
        tree_of_index(repo, private_objects(repo, scratch_folder(repo)), scratch_folder(repo))


# -- where things are ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["project", "pro ject", "prö'ject", 'pro"ject', "-project"])
def test_discovery(tmp_path: Path, clean_env: dict[str, str], name: str) -> None:
    project = Project(tmp_path / name, clean_env)
    project.commit({"sub/a.txt": "a\n"})
    for folder in (project.root, project.root / "sub"):
        repo = discover(folder, clean_env)
        assert repo.top == project.root.resolve()
        assert repo.git_dir == repo.common_dir == repo.top / ".git"
        assert repo.state == repo.shared_state == repo.git_dir / "covgate"
        assert repo.head is not None
        assert repo.main_top == repo.top


def test_discovery_in_a_linked_working_tree(project: Project, tmp_path: Path) -> None:
    project.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    repo = discover(tmp_path / "linked", project.env)
    assert (repo.top, repo.main_top) == (tmp_path / "linked", project.root)
    assert repo.state == project.root / ".git" / "worktrees" / "linked" / "covgate"
    assert repo.shared_state == project.root / ".git" / "covgate"
    assert repo.objects == project.root / ".git" / "objects"


def test_discovery_through_a_symbolic_link(project: Project, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project.root)
    assert discover(tmp_path / "link", project.env).top == project.root.resolve()


def test_discovery_with_a_git_dir_elsewhere(tmp_path: Path, clean_env: dict[str, str]) -> None:
    project = Project(tmp_path / "project", clean_env)
    project.git("init", "-q", f"--separate-git-dir={tmp_path / 'elsewhere'}")
    repo = discover(project.root, clean_env)
    assert (repo.top, repo.git_dir) == (project.root, tmp_path / "elsewhere")
    assert repo.main_top == project.root


@pytest.mark.parametrize(
    ("name", "found"),
    [("HEAD", True), ("main", True), ("HEAD~5", False), ("nowhere", False), ("", False),
     ("--all", False), ("HEAD:m.py", False), ("HEAD^{tree}", False), ("v1", True), ("@", True)],
)  # fmt: skip
def test_resolving_names(project: Project, name: str, found: bool) -> None:
    project.git("tag", "-am", "annotated", "v1")
    commit = resolve(Git(str(project.root), project.env), name)
    assert (commit is not None) is found
    if commit:
        assert commit == tuple(project.git("log", "-1", "--format=%H %T").split())


@pytest.mark.skipif(os.geteuid() == 0, reason="a superuser may write everywhere")
def test_scratch_folder_without_a_writable_git_folder(project: Project) -> None:
    git_dir = project.root / ".git"
    git_dir.chmod(0o500)
    try:
        folder = scratch_folder(discover(project.root, project.env))
        assert project.root not in folder.parents
    finally:
        git_dir.chmod(0o700)


def test_scratch_folder_where_a_file_is_in_the_way(project: Project) -> None:
    (project.root / ".git" / "covgate").write_text("")
    folder = scratch_folder(discover(project.root, project.env))
    assert folder.is_dir()
    assert project.root not in folder.parents
