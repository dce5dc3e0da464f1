"""What makes a receipt void: each thing around a tree that a test may depend on."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import covgate
from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import Settings
from covgate.gate.session import is_same_session, session_of
from covgate.gate.surroundings import Surroundings
from covgate.gate.world import difference, world_of
from covgate.git.repository import discover

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Project


class Around:
    """A working tree with an environment of its own, and a library beside it."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project = project
        self.environment = folder / "environment"
        self.library = folder / "library"
        self.site = self.environment / "lib" / "python3.12" / "site-packages"
        self.python = self.environment / "bin" / "python"
        self.settings = Settings()
        self.env = {**project.env, "PYTHONPATH": ""}
        for place in (self.site / "package", self.library, self.python.parent):
            place.mkdir(parents=True)
        self.python.symlink_to(sys.executable)
        (self.environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
        (self.site / "package" / "code.py").write_text("x = 1\n")
        (self.library / "code.py").write_text("x = 1\n")
        project.commit({".gitignore": "*.db\n.venv\n__pycache__\n"})
        project.write({"data.db": "1", ".pytest_cache/v": "1", ".venv/pyvenv.cfg": ""})

    def world(self, *, beside: bool = True) -> str | None:
        repo = discover(self.project.root, self.env)
        around = Surroundings(repo, repo.git, repo.state, self.env, False)
        return world_of(around, MemorySnapshot(), self.settings, str(self.python), beside=beside)


@pytest.fixture
def around(project: Project, tmp_path: Path) -> Around:
    return Around(project, tmp_path)


def upgrade(around: Around) -> None:
    (around.site / "package" / "code.py").write_text("x = 20\n")


def install(around: Around) -> None:
    (around.site / "other.py").touch()


def link_library(around: Around) -> None:
    (around.site / "linked.pth").write_text(f"{around.library}\n")


def point_at_library(around: Around) -> None:
    around.env["PYTHONPATH"] = str(around.library)


def edit_library(around: Around) -> None:
    (around.library / "code.py").write_text("x = 20\n")


CHANGES: dict[str, Callable[[Around], object]] = {
    "variable": lambda around: around.env.update(MODE="fast"),
    "upgraded-package": upgrade,
    "installed-package": install,
    "editable-install": link_library,
    "import-path": point_at_library,
    "ignored-file": lambda around: around.project.write({"data.db": "20"}),
    "untracked-file": lambda around: around.project.write({"new.txt": "1"}),
    "unstaged-edit": lambda around: around.project.write({"m.py": "x = 1\n"}),
    "settings": lambda around: setattr(around, "settings", Settings(pytest_args=("-x",))),
    "environment": lambda around: (around.environment / "pyvenv.cfg").write_text("home = /\n"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changes_of_the_world_are_seen(around: Around, change: Callable[[Around], object]) -> None:
    before = around.world()
    change(around)
    assert before is not None
    assert around.world() != before


@pytest.mark.parametrize("link", [link_library, point_at_library], ids=["pth", "PYTHONPATH"])
def test_changes_of_a_library_beside_are_seen(
    around: Around, link: Callable[[Around], None]
) -> None:
    link(around)
    before = around.world()
    edit_library(around)
    assert around.world() != before


SAME: dict[str, Callable[[Around], object]] = {
    "nothing": lambda around: None,
    "shell-level": lambda around: around.env.update(SHLVL="7", _="/bin/true"),
    "git": lambda around: around.env.update(GIT_INDEX_FILE=".git/index", PRE_COMMIT="1"),
    "cache": lambda around: around.project.write({".pytest_cache/v": "20"}),
    "bytecode": lambda around: (around.site / "package" / "code.pyc").touch(),
    "other-environment": lambda around: around.project.write({".venv/new": ""}),
    "unrelated": edit_library,
    "window": lambda around: around.env.update(TMUX_PANE="%7", VSCODE_IPC="x", PWD="/elsewhere"),
    "folder-of-git": lambda around: around.env.update(
        GIT_EXEC_PATH="/usr/lib/git-core", PATH=f"/usr/lib/git-core:{around.env['PATH']}"
    ),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_what_no_test_depends_on_changes_nothing(
    around: Around, change: Callable[[Around], object]
) -> None:
    before = around.world()
    change(around)
    assert around.world() == before


def test_too_much_to_look_at_is_no_world(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("covgate.gate.world._MOST_FILES", 1)
    assert around.world() is None


@pytest.mark.parametrize(
    ("name", "words"),
    {
        "variable": "environment variables",
        "installed-package": "installed packages",
        "ignored-file": "files beside the commit",
        "environment": "the interpreter, pytest's plugins or their settings",
    }.items(),
)
def test_what_differs_is_named(around: Around, name: str, words: str) -> None:
    before = around.world()
    CHANGES[name](around)
    assert before is not None
    assert difference(before, around.world()) == words
    assert difference(before, None).startswith("covgate itself, the interpreter")
    assert difference(f"{before} False []", f"{before} True []") == "what is known of the project"


@pytest.mark.parametrize("name", ["untracked-file", "unstaged-edit"])
def test_an_isolated_tree_does_not_show_the_working_tree(around: Around, name: str) -> None:
    before = around.world(beside=False)
    CHANGES[name](around)
    assert around.world(beside=False) == before


def test_the_same_program_at_another_place_is_the_same(
    around: Around, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy" / "covgate"
    before = around.world()
    shutil.copytree(Path(covgate.__file__).parent, copy)
    monkeypatch.setattr("covgate.gate.world.__file__", str(copy / "gate" / "world.py"))
    assert around.world() == before
    (copy / "errors.py").write_text("PASS = 1\n")
    assert around.world() != before


@pytest.mark.parametrize(
    ("now", "same"),
    {
        "same": ({"TMUX": "1", "STY": "2"}, True),
        "named": ({"TMUX": "2", "STY": "2"}, False),
        "named-and-gone": ({"STY": "2"}, False),
        "not-named": ({"TMUX": "1", "STY": "3"}, True),
        "not-named-and-new": ({"TMUX": "1", "STY": "2", "WINDOWID": "3"}, True),
    }.values(),
    ids=lambda value: str(value) if isinstance(value, bool) else None,
)
def test_a_variable_of_the_session_counts_where_the_project_names_it(
    project: Project, now: dict[str, str], same: bool
) -> None:
    project.commit({"m.py": "import os\n\nINSIDE = 'TMUX' in os.environ\n"})
    repo = discover(project.root, project.env)
    assert repo.head is not None
    was = session_of({"TMUX": "1", "STY": "2", "MODE": "fast"})
    assert sorted(was) == ["STY", "TMUX"]
    assert is_same_session(repo.git, repo.head.tree, session_of(now), was) is same
