"""What makes a receipt void: each thing around a tree that a test may depend on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import Settings
from covgate.gate.surroundings import Surroundings
from covgate.gate.world import world_of
from covgate.git.repository import discover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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

    def world(self) -> str | None:
        repo = discover(self.project.root, self.env)
        around = Surroundings(repo, repo.git, repo.state, self.env, False)
        return world_of(around, MemorySnapshot(), self.settings, str(self.python))


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
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_what_no_test_depends_on_changes_nothing(
    around: Around, change: Callable[[Around], object]
) -> None:
    before = around.world()
    change(around)
    assert around.world() == before


def test_too_much_to_look_at_is_no_world(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("covgate.gate.world._MOST_FILES", 3)
    assert around.world() is None
