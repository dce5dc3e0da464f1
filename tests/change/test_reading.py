"""The change under judgement, read from real repositories in every state."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from conftest import BASE_MODULE, Project
from covgate.change.occasion import Occasion, observe
from covgate.change.reading import Request, read_change, request_of
from covgate.errors import CovgateError, UndecidedError, UsageError
from covgate.git.objects import ObjectReader, private_objects
from covgate.git.repository import discover, scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from covgate.change.model import Change

G_EDITED = BASE_MODULE.replace("return 2", "return 3")
F_EDITED = BASE_MODULE.replace("y = x + 1", "y = 1 + x")
WHOLE = [1, 2, 3, 4, 5, 6, 7, 8, 9]


@contextmanager
def reading(
    project: Project,
    request: Request = Request(),  # noqa: B008 - an immutable value
    occasion: Occasion | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str = ".",
) -> Iterator[Change]:
    """Read the change of a project as the gate does."""
    env = {**project.env, **(env or {})}
    repo = discover(project.root / cwd, env)
    scratch = scratch_folder(repo)
    git = private_objects(repo, scratch)
    reader = ObjectReader(git)
    try:
        found = occasion or observe(repo.top, repo.git_dir, env)
        yield read_change(repo, git, reader, scratch, request, found)
    finally:
        reader.close()


def lines(change: Change) -> dict[str, list[int]]:
    """Return the changed lines of each file that has some."""
    return {file.path: sorted(file.lines) for file in change.files if file.lines}


def changed(project: Project, *args: object, **kwargs: object) -> dict[str, list[int]]:
    """Return the changed lines of a project."""
    before = project.state()
    with reading(project, *args, **kwargs) as change:  # type: ignore[arg-type]
        found = lines(change)
    assert project.state() == before
    return found


# -- whatever the user configured ------------------------------------------------------------------

SETTINGS = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.srcPrefix": "x/",
    "diff.dstPrefix": "y/",
    "diff.relative": "true",
    "diff.interHunkContext": "9",
    "diff.context": "9",
    "diff.algorithm": "patience",
    "diff.indentHeuristic": "false",
    "diff.renames": "false",
    "diff.renameLimit": "1",
    "diff.external": "false",
    "diff.ignoreSubmodules": "all",
    "diff.submodule": "diff",
    "diff.wordRegex": ".",
    "diff.colorMoved": "zebra",
    "diff.colorMovedWS": "ignore-all-space",
    "diff.wsErrorHighlight": "all",
    "diff.orderFile": "no-such-file",
    "diff.suppressBlankEmpty": "true",
    "diff.dirstat": "lines",
    "diff.statGraphWidth": "1",
    "diff.noIndex": "true",
    "diff.autoRefreshIndex": "true",
    "color.ui": "always",
    "color.diff": "always",
    "core.quotePath": "true",
    "core.pager": "false",
    "core.whitespace": "cr-at-eol",
    "core.bigFileThreshold": "1",
    "core.abbrev": "4",
    "core.autocrlf": "input",
    "core.precomposeUnicode": "true",
    "core.ignoreCase": "true",
    "core.fileMode": "false",
    "core.commentChar": "+",
    "core.attributesFile": "attributes-of-the-user",
    "core.notesRef": "refs/notes/x",
    "pager.diff-tree": "cat",
    "alias.diff-tree": "status",
    "alias.diff": "status",
    "status.short": "true",
    "status.showUntrackedFiles": "no",
    "status.relativePaths": "false",
    "log.showSignature": "true",
    "i18n.logOutputEncoding": "latin1",
    "interactive.diffFilter": "false",
    "merge.renames": "false",
    "index.version": "4",
    "feature.manyFiles": "true",
    "commit.verbose": "true",
    "apply.whitespace": "fix",
}


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Project:
    """An edited module of which only line 9 counts; two hunks, so that context would show."""
    project = Project(tmp_path_factory.mktemp("configured") / "project", clean_env)
    project.commit({"m.py": BASE_MODULE, "dir/old.py": BASE_MODULE.replace("g(", "h(")})
    project.git("mv", "dir/old.py", "dir/né w.py")
    project.stage({"m.py": F_EDITED.replace("return 2", "return 3")})
    project.write({"attributes-of-the-user": "*.py -diff\n"})
    return project


@pytest.mark.parametrize(("key", "value"), SETTINGS.items(), ids=SETTINGS)
def test_no_setting_changes_the_lines(configured: Project, key: str, value: str) -> None:
    env = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": key, "GIT_CONFIG_VALUE_0": value}
    assert changed(configured, env=env) == {"m.py": [2, 9]}


VARIABLES = {
    "GIT_DIFF_OPTS": "--unified=9",
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_PAGER": "false",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ICASE_PATHSPECS": "1",
    "GIT_GLOB_PATHSPECS": "1",
    "GIT_NOGLOB_PATHSPECS": "1",
    "GIT_PREFIX": "dir/",
    "GIT_CONFIG_PARAMETERS": "'diff.noprefix=true' 'diff.context=9'",
    "GIT_TRACE": "1",
    "GIT_DEFAULT_HASH": "sha256",
    "GIT_FLUSH": "0",
    "GIT_COLOR": "always",
    "LC_ALL": "de_DE.UTF-8",
    "LANGUAGE": "de",
    "GIT_INDEX_VERSION": "4",
    "GIT_REFLOG_ACTION": "commit",
    "GIT_EDITOR": ":",
}


@pytest.mark.parametrize(("key", "value"), VARIABLES.items(), ids=VARIABLES)
def test_no_variable_changes_the_lines(configured: Project, key: str, value: str) -> None:
    assert changed(configured, env={key: value}) == {"m.py": [2, 9]}


ATTRIBUTES = [
    "*.py -diff",
    "*.py binary",
    "*.py -text",
    "*.py diff=python",
    "*.py diff=upper",
    "*.py eol=crlf",
    "*.py working-tree-encoding=UTF-16",
    "*.py ident",
    "*.py filter=none",
    "*.py linguist-generated -diff merge=ours whitespace=-all",
]


@pytest.mark.parametrize("line", ATTRIBUTES)
def test_no_attribute_changes_the_lines(
    tmp_path: Path, clean_env: dict[str, str], line: str
) -> None:
    project = Project(tmp_path / "project", clean_env)
    for key, value in {"textconv": "tr a-z A-Z <", "xfuncname": ".", "command": "false"}.items():
        project.git("config", f"diff.upper.{key}", value)
    project.commit({"m.py": BASE_MODULE})
    project.stage({"m.py": G_EDITED})
    (project.root / ".git" / "info").mkdir(exist_ok=True)
    (project.root / ".git" / "info" / "attributes").write_text(f"{line}\n")
    assert changed(project) == {"m.py": [9]}


# -- first commits, hash algorithms ----------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_first_commit(tmp_path: Path, clean_env: dict[str, str], algorithm: str) -> None:
    project = Project(tmp_path / "project", clean_env, algorithm)
    project.stage({"m.py": BASE_MODULE})
    with reading(project) as change:
        assert (change.mode, lines(change)) == ("staged", {"m.py": WHOLE})
        assert change.bases[0].commit is None
    project.commit({})
    project.stage({"m.py": G_EDITED})
    assert changed(project) == {"m.py": [9]}


def test_nothing_at_all(empty_project: Project) -> None:
    with reading(empty_project) as change:
        assert (change.mode, change.files) == ("staged", ())


def test_orphan_branch(project: Project) -> None:
    project.git("checkout", "-q", "--orphan", "fresh")
    assert changed(project) == {"m.py": WHOLE, "test_m.py": [1, 2, 3, 4, 5]}


def test_detached_head(project: Project) -> None:
    project.git("checkout", "-q", "--detach")
    project.stage({"m.py": G_EDITED})
    assert changed(project) == {"m.py": [9]}


@pytest.mark.parametrize("cwd", [".", "sub/deep"])
def test_sub_directory(project: Project, cwd: str) -> None:
    project.stage({"m.py": G_EDITED, "sub/deep/k.py": "A = 1\n"})
    assert changed(project, cwd=cwd) == {"m.py": [9], "sub/deep/k.py": [1]}


def test_relative_index_file(project: Project) -> None:
    project.stage({"m.py": G_EDITED})
    assert changed(project, env={"GIT_INDEX_FILE": ".git/index"}) == {"m.py": [9]}


# -- merges ----------------------------------------------------------------------------------------


@pytest.fixture
def forked(project: Project) -> Project:
    """Two branches off main: `one` edits k.py, `two` adds j.py; main edits m.py."""
    project.commit({"k.py": BASE_MODULE})
    project.git("branch", "two")
    project.git("checkout", "-qb", "one")
    project.commit({"k.py": G_EDITED})
    project.git("checkout", "-q", "two")
    project.commit({"j.py": BASE_MODULE})
    project.git("checkout", "-q", "main")
    project.commit({"m.py": G_EDITED})
    return project


def test_merge_without_conflict(forked: Project) -> None:
    forked.git("merge", "-q", "--no-commit", "one")
    with reading(forked) as change:
        assert (change.mode, lines(change)) == ("merge", {})
        # Tests may be affected by all that the other side brings.
        assert [file.path for file in change.since_first] == ["k.py"]


def test_octopus(forked: Project) -> None:
    forked.git("merge", "-q", "--no-commit", "one", "two")
    with reading(forked) as change:
        assert (len(change.bases), lines(change)) == (3, {})


def test_line_typed_in_a_merge(forked: Project) -> None:
    forked.git("merge", "-q", "--no-commit", "one")
    text = (forked.root / "k.py").read_text()
    forked.stage({"k.py": text.replace("def g(x):", "def g(x=0):"), "new.py": "A = 1\n"})
    assert changed(forked) == {"k.py": [6], "new.py": [1]}


def test_line_typed_in_an_octopus(forked: Project) -> None:
    forked.git("merge", "-q", "--no-commit", "one", "two")
    forked.stage({"j.py": BASE_MODULE.replace("x + 1", "x + 2")})
    assert changed(forked) == {"j.py": [2]}


def test_line_of_a_file_that_neither_side_touched(forked: Project) -> None:
    forked.git("merge", "-q", "--no-commit", "one")
    forked.stage({"test_m.py": "A = 1\n"})
    assert changed(forked) == {"test_m.py": [1]}


CONFLICT = {"ours": {}, "theirs": {}, "both": {"k.py": [9]}, "neither": {"k.py": [9]}}


@pytest.mark.parametrize("resolved", CONFLICT)
def test_conflict(forked: Project, resolved: str) -> None:
    ours = BASE_MODULE.replace("return 2", "return 4")
    forked.commit({"k.py": ours})
    forked.git("merge", "-q", "one", check=False)
    with pytest.raises(UsageError, match=r"unmerged paths: k\.py"):
        changed(forked)
    texts = {"ours": ours, "theirs": G_EDITED}
    texts["both"] = BASE_MODULE.replace("return 2", "return 3 + 4")
    texts["neither"] = BASE_MODULE.replace("return 2", "return 5")
    forked.stage({"k.py": texts[resolved]})
    assert changed(forked) == CONFLICT[resolved]


def test_both_sides_in_one_file(forked: Project) -> None:
    forked.commit({"k.py": F_EDITED})
    forked.git("merge", "-q", "--no-commit", "one")
    assert (forked.root / "k.py").read_text() == F_EDITED.replace("return 2", "return 3")
    assert changed(forked) == {}


def test_renamed_on_one_side_edited_on_the_other(forked: Project) -> None:
    forked.git("mv", "k.py", "moved.py")
    forked.commit({"moved.py": BASE_MODULE})
    forked.git("merge", "-q", "--no-commit", "one")
    assert (forked.root / "moved.py").read_text() == G_EDITED
    assert changed(forked) == {}


def test_squash_is_no_merge(forked: Project) -> None:
    forked.git("merge", "-q", "--squash", "one")
    with reading(forked) as change:
        assert (change.mode, lines(change)) == ("staged", {"k.py": [9]})


def test_criss_cross(forked: Project) -> None:
    forked.git("merge", "-q", "--no-edit", "one")
    forked.git("checkout", "-q", "one")
    forked.git("merge", "-q", "--no-edit", "main~1")
    forked.commit({"k.py": G_EDITED.replace("x + 1", "x + 5")})
    forked.git("merge", "-q", "--no-commit", "main")
    assert changed(forked) == {}


def test_missing_parent(forked: Project) -> None:
    occasion = Occasion(committing=True, merging=("0" * 39 + "1",))
    forked.stage({"m.py": F_EDITED})
    with pytest.raises(UndecidedError, match="missing"), reading(forked, occasion=occasion):
        pass


# -- ranges ----------------------------------------------------------------------------------------


@pytest.fixture
def branched(project: Project) -> Project:
    """A branch with line 9 of m.py edited; main moved on in k.py meanwhile."""
    project.commit({"k.py": BASE_MODULE})
    project.git("checkout", "-qb", "topic")
    project.commit({"m.py": G_EDITED})
    project.git("checkout", "-q", "main")
    project.commit({"k.py": G_EDITED})
    project.git("checkout", "-q", "topic")
    return project


def test_base_moved_on(branched: Project) -> None:
    assert changed(branched, Request("main", "HEAD")) == {"m.py": [9]}


def test_without_an_end_what_is_staged_counts_too(branched: Project) -> None:
    branched.stage({"m.py": "# 1\n# 2\n# 3\n" + G_EDITED})
    assert changed(branched, Request("main")) == {"m.py": [1, 2, 3, 12]}
    assert changed(branched, Request("main", "HEAD")) == {"m.py": [9]}


def test_main_merged_in(branched: Project) -> None:
    branched.git("merge", "-q", "--no-edit", "main")
    assert changed(branched, Request("main", "HEAD")) == {"m.py": [9]}


def test_merge_ref_of_a_pull_request(branched: Project) -> None:
    branched.git("checkout", "-q", "--detach", "main")
    branched.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    assert changed(branched, Request("HEAD^1", "HEAD")) == {"m.py": [9]}


@pytest.mark.parametrize("end", ["topic", "refs/heads/topic", "HEAD~0", "tag"])
def test_names_of_commits(branched: Project, end: str) -> None:
    branched.git("tag", "-am", "annotated", "tag")
    assert changed(branched, Request("main", end)) == {"m.py": [9]}


def test_range_that_is_not_checked_out(branched: Project) -> None:
    branched.git("checkout", "-q", "main")
    assert changed(branched, Request("main", "topic")) == {"m.py": [9]}


def test_new_branch_without_a_start(branched: Project) -> None:
    assert "test_m.py" in changed(branched, Request("0" * 40, "HEAD"))
    assert "test_m.py" in changed(branched, Request(None, "HEAD"))


def test_empty_range(branched: Project) -> None:
    with reading(branched, Request("HEAD", "HEAD")) as change:
        assert (change.mode, change.files) == ("range", ())


@pytest.mark.parametrize(
    "request_made",
    [Request("nowhere"), Request("nowhere", "HEAD"), Request("HEAD", "nowhere"), Request("--all")],
    ids=str,
)
def test_refs_that_do_not_exist(branched: Project, request_made: Request) -> None:
    with pytest.raises(CovgateError, match="there is no commit"):
        changed(branched, request_made)


def test_no_common_ancestor(branched: Project) -> None:
    branched.git("checkout", "-q", "--orphan", "apart")
    branched.commit({"a.py": "A = 1\n"})
    with pytest.raises(UndecidedError, match="no common ancestor"):
        changed(branched, Request("main", "HEAD"))


def test_range_before_the_first_commit(empty_project: Project) -> None:
    with pytest.raises(CovgateError):
        changed(empty_project, Request("HEAD"))


@pytest.mark.parametrize("depth", ["1", "2"])
def test_shallow_clone(branched: Project, tmp_path: Path, depth: str) -> None:
    branched.git("checkout", "-q", "--detach", "main")
    branched.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    branched.git("branch", "merge-ref")
    clone = Project(tmp_path / "clone", branched.env)
    url = f"file://{branched.root}"
    clone.git("fetch", "-q", f"--depth={depth}", url, "merge-ref")
    clone.git("checkout", "-q", "FETCH_HEAD")
    if depth == "2":
        assert changed(clone, Request("HEAD^1", "HEAD")) == {"m.py": [9]}
        return
    for start in ("HEAD^1", "origin/main"):
        with pytest.raises(UndecidedError) as caught:
            changed(clone, Request(start, "HEAD"))
        assert "git fetch --unshallow" in caught.value.help


def test_shallow_clone_without_the_common_ancestor(branched: Project, tmp_path: Path) -> None:
    clone = Project(tmp_path / "clone", branched.env)
    clone.git("fetch", "-q", "--depth=1", f"file://{branched.root}", "topic:topic", "main:base")
    clone.git("checkout", "-q", "topic")
    with pytest.raises(UndecidedError, match="no common ancestor") as caught:
        changed(clone, Request("base", "HEAD"))
    assert "git fetch --unshallow" in caught.value.help


def test_amend_in_a_shallow_clone(branched: Project, tmp_path: Path) -> None:
    clone = Project(tmp_path / "clone", branched.env)
    clone.git("fetch", "-q", "--depth=1", f"file://{branched.root}", "topic")
    clone.git("checkout", "-q", "FETCH_HEAD")
    amending = Occasion(committing=True, amending=True)
    with pytest.raises(UndecidedError, match="shallow"), reading(clone, occasion=amending):
        pass


@pytest.mark.parametrize(
    ("args", "env", "expected"),
    [
        ((None, None, False), {}, Request()),
        ((None, None, False), {"PRE_COMMIT_FROM_REF": "a"}, Request("a", None)),
        (
            (None, None, False),
            {"PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": "b"},
            Request("a", "b"),
        ),
        (("x", None, False), {"PRE_COMMIT_FROM_REF": "a"}, Request("x", None)),
        ((None, "y", False), {"PRE_COMMIT_FROM_REF": "a"}, Request(None, "y")),
        ((None, None, True), {"PRE_COMMIT_FROM_REF": "a"}, Request(None, None, True)),
    ],
)
def test_request(
    args: tuple[str | None, str | None, bool], env: dict[str, str], expected: Request
) -> None:
    from_ref, to_ref, everything = args
    assert request_of(from_ref, to_ref, everything=everything, env=env) == expected


# -- submodules, working trees, everything ---------------------------------------------------------


@pytest.fixture
def with_submodule(project: Project, tmp_path: Path) -> Project:
    """A project whose submodule `lib` has moved on by a Python file, staged."""
    library = Project(tmp_path / "library", project.env)
    library.commit({"k.py": BASE_MODULE})
    allow = ("-c", "protocol.file.allow=always")
    project.git(*allow, "submodule", "-q", "add", str(library.root), "lib.py")
    project.git("commit", "-qm", "a submodule")
    head = library.commit({"k.py": G_EDITED})
    inside = str(project.root / "lib.py")
    project.run("git", *allow, "fetch", "-q", cwd=inside, check=True)
    project.run("git", "checkout", "-q", head, cwd=inside, check=True)
    project.git("add", "lib.py")
    return project


@pytest.mark.parametrize("form", ["short", "log", "diff"])
def test_submodule_bump(with_submodule: Project, form: str) -> None:
    with_submodule.git("config", "diff.submodule", form)
    with_submodule.git("config", "diff.ignoreSubmodules", "none")
    with reading(with_submodule) as change:
        assert [file.path for file in change.files] == ["lib.py"]
        assert lines(change) == {}


def test_inside_a_submodule(with_submodule: Project) -> None:
    (with_submodule.root / "lib.py" / "k.py").write_text(F_EDITED)
    with_submodule.run("git", "add", "k.py", cwd="lib.py", check=True)
    with reading(with_submodule, cwd="lib.py") as change:
        assert lines(change) == {"k.py": [2, 9]}


def test_submodule_becomes_a_module(with_submodule: Project) -> None:
    with_submodule.git("rm", "-qf", "lib.py")
    with_submodule.stage({"lib.py": "A = 1\n"})
    assert changed(with_submodule)["lib.py"] == [1]


def test_linked_working_tree(project: Project, tmp_path: Path) -> None:
    project.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = tmp_path / "linked"
    (linked / "m.py").write_text(G_EDITED)
    project.run("git", "add", "m.py", cwd=str(linked), check=True)
    assert changed(project, cwd="../linked") == {"m.py": [9]}


def test_everything(project: Project) -> None:
    with reading(project, Request(everything=True)) as change:
        assert (change.mode, lines(change)["m.py"]) == ("all", WHOLE)


def test_nothing_staged(project: Project) -> None:
    with reading(project) as change:
        assert change.mode == "all"
    with reading(project, occasion=Occasion(committing=True)) as change:
        assert (change.mode, change.files) == ("staged", ())


@pytest.mark.parametrize("command", ["cherry-pick", "revert"])
def test_resolved_pick(branched: Project, command: str) -> None:
    branched.git(command, "--no-commit", "main" if command == "cherry-pick" else "HEAD")
    with reading(branched) as change:
        path = "k.py" if command == "cherry-pick" else "m.py"
        assert (change.mode, lines(change)) == ("staged", {path: [9]})


def test_not_a_repository(tmp_path: Path, clean_env: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="not in a git working tree"):
        discover(tmp_path, {**clean_env, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})


def test_bare_repository(tmp_path: Path, clean_env: dict[str, str]) -> None:
    project = Project(tmp_path / "project", clean_env)
    project.git("config", "core.bare", "true")
    with pytest.raises(UsageError, match="not in a git working tree"):
        discover(project.root, clean_env)


def test_without_git(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="git was not found"):
        discover(tmp_path, {"PATH": str(tmp_path)})
