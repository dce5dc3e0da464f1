"""What the change of a file that is no module can reach."""

from __future__ import annotations

import pytest

from covgate.change.model import FileChange
from covgate.change.snapshot import MemorySnapshot
from covgate.impact.widening import judge

RUFF = "[tool.ruff]\nline-length = {}\n"
PYTEST = "[tool.pytest.ini_options]\naddopts = '{}'\n"

CONTENTS = {
    "only a linter's table": ("pyproject.toml", RUFF.format(80), RUFF.format(90), "inert"),
    "a linter's table is new": ("pyproject.toml", "[project]\nname = 'x'\n", "[project]\nname = 'x'\n" + RUFF.format(90), "inert"),
    "pytest's table": ("pyproject.toml", PYTEST.format("-q"), PYTEST.format("-v"), "everything"),
    "broken before": ("pyproject.toml", "[tool", RUFF.format(90), "everything"),
    "tool is no table": ("pyproject.toml", "tool = 1", "tool = 2", "everything"),
    "our own rules": ("pyproject.toml", "[tool.covgate]\nprogress = true", "", "inert"),
    "our own tests": ("pyproject.toml", "[tool.covgate]\ntest-paths = ['t']", "", "everything"),
    "own file, rules": ("covgate.toml", "progress = true", "progress = false", "inert"),
    "own file, interpreter": ("covgate.toml", "python = 'a'", "python = 'b'", "everything"),
    "flake8 in setup.cfg": ("setup.cfg", "[flake8]\na = 1", "[flake8]\na = 2", "inert"),
    "pytest in setup.cfg": ("setup.cfg", "[tool:pytest]\na = 1", "[tool:pytest]\na = 2", "everything"),
    "own section in setup.cfg": (
        "setup.cfg", "[tool:covgate]\npython = a", "[tool:covgate]\npython = b", "everything",
    ),
    "broken setup.cfg": ("setup.cfg", "[flake8]\na = 1", "x [", "everything"),
    "environments of tox": ("tox.ini", "[testenv]\na = 1", "[testenv]\na = 2", "inert"),
    "pytest in tox.ini": ("tox.ini", "[pytest]\na = 1", "[pytest]\na = 2", "everything"),
    "coverage": (".coveragerc", "a", "b", "everything"),
    "below the top it may be data": ("t/setup.cfg", "[flake8]\na = 1", "[flake8]\na = 2", "everything"),
    "change log": ("CHANGES.rst", "a", "b", "inert"),
    "license": ("LICENSE", "a", "b", "inert"),
    "read me in a package": ("app/README.md", "a", "b", "inert"),
    "prose beside tests": ("tests/data/table.md", "a", "b", "data"),
    "prose of its own": ("notes/a.md", "a", "b", "inert"),
    "pictures of the docs": ("docs/img/a.png", "a", "b", "inert"),
    "workflow": (".github/workflows/ci.yml", "a", "b", "inert"),
    "pre-commit": (".pre-commit-config.yaml", "a", "b", "inert"),
    "lock": ("poetry.lock", "a", "b", "everything"),
    "requirements": ("requirements-dev.txt", "a", "b", "everything"),
    "environment variables": (".env", "a", "b", "everything"),
    "template": ("app/page.html", "a", "b", "data"),
    "stub": ("app/core.pyi", "a", "b", "data"),
    "compiled": ("app/core.c", "a", "b", "everything"),
}  # fmt: skip
OTHERS = {"app/core.py": "", "tests/test_a.py": ""}


@pytest.mark.parametrize(("path", "old", "new", "kind"), CONTENTS.values(), ids=CONTENTS.keys())
def test_kinds_of_changes(path: str, old: str, new: str, kind: str) -> None:
    file = FileChange(path, path, "modified", "1", "2", old_mode="100644", new_mode="100644")
    before, target = (MemorySnapshot({**OTHERS, path: text}) for text in (old, new))
    assert judge(file, before, target, (), ()).kind == kind


MODES = {
    "submodule": ("lib/dep", "160000", "160000", "everything"),
    "link": ("docs/a", "120000", "120000", "data"),
    "executable": ("app/core.py", "100644", "100755", "data"),
    "configuration becomes a link": ("pyproject.toml", "100644", "120000", "everything"),
}


@pytest.mark.parametrize(("path", "old", "new", "kind"), MODES.values(), ids=MODES.keys())
def test_kinds_of_modes(path: str, old: str, new: str, kind: str) -> None:
    file = FileChange(path, path, "modified", "1", "2", old_mode=old, new_mode=new)
    tree = MemorySnapshot({path: ""})
    assert judge(file, tree, tree, (), ()).kind == kind


def test_settings_make_data_inert_but_never_doctests() -> None:
    file = FileChange("data/a.txt", "data/a.txt", "modified", "1", "2")
    tree = MemorySnapshot({"data/a.txt": ""})
    assert judge(file, tree, tree, ("data/*",), ()).kind == "inert"
    assert judge(file, tree, tree, ("data/*",), ("*.txt",)).kind == "everything"
