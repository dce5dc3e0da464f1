"""The code of the commit is what is imported, wherever the environment says it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conftest import Project
from project_environments import make_environment, site_packages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODULE = "def f(x):\n    y = x + 1\n    return y\n"
TEST = "from pkg.m import f\n\n\ndef test_f():\n    assert f(1) == 2\n"
FINDER = """\
import sys
from importlib.machinery import PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path

MAPPING = {{'pkg': {place!r}}}


class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            init = str(Path(MAPPING[fullname], "__init__.py"))
            return spec_from_file_location(
                fullname, init, submodule_search_locations=[MAPPING[fullname]]
            )


def install():
    sys.meta_path.append(_EditableFinder)
"""


def editable_by_path(site: Path, root: Path) -> None:
    (site / "__editable__.pkg-1.pth").write_text(f"{root}/src\n")


def editable_by_finder(site: Path, root: Path) -> None:
    name = "__editable___pkg_1_finder"
    (site / f"{name}.py").write_text(FINDER.format(place=f"{root}/src/pkg"))
    (site / "__editable__.pkg-1.pth").write_text(f"import {name}; {name}.install()\n")


def installed_copy(site: Path, _root: Path) -> None:
    (site / "pkg").mkdir()
    (site / "pkg" / "__init__.py").touch()
    (site / "pkg" / "m.py").write_text(MODULE)


@pytest.fixture
def packaged(tmp_path: Path, clean_env: Mapping[str, str]) -> Project:
    """A project in the src layout whose `.venv` is not yet told about it."""
    project = Project(tmp_path / "project", clean_env)
    del project.env["COVGATE_PYTHON"]
    project.commit(
        {
            ".gitignore": ".venv\n",
            "src/pkg/__init__.py": "",
            "src/pkg/m.py": MODULE,
            "tests/test_m.py": TEST,
        }
    )
    make_environment(project.root / ".venv")
    return project


EDITABLE = {"path": editable_by_path, "finder": editable_by_finder}


@pytest.mark.parametrize("install", EDITABLE.values(), ids=EDITABLE)
def test_editable_install(packaged: Project, install: object) -> None:
    assert callable(install)
    install(site_packages(packaged.root / ".venv"), packaged.root)
    packaged.stage({"src/pkg/m.py": MODULE.replace("x + 1", "1 + x")})

    in_place = packaged.check()
    packaged.write({"src/pkg/m.py": MODULE.replace("x + 1", "x + 2")})
    isolated = packaged.check()

    assert (in_place.code, isolated.code) == (0, 0), isolated
    assert in_place.data["environment"]["python"] == str(packaged.root / ".venv/bin/python")
    assert isolated.data["environment"]["tree"].startswith("isolated")
    packaged.git("add", "-A")
    packaged.write({"src/pkg/m.py": MODULE})
    assert packaged.check().code == 1


@pytest.mark.parametrize("install", EDITABLE.values(), ids=EDITABLE)
def test_linked_worktree_tests_its_own_code(packaged: Project, install: object) -> None:
    """The environment of the main worktree points at the main worktree's source."""
    assert callable(install)
    install(site_packages(packaged.root / ".venv"), packaged.root)
    linked = packaged.root.parent / "linked"
    packaged.git("worktree", "add", "-q", str(linked))
    (linked / "src/pkg/m.py").write_text(MODULE.replace("x + 1", "x + 2"))
    packaged.git("-C", str(linked), "add", "-A")

    broken = packaged.check(cwd=str(linked))
    (linked / "src/pkg/m.py").write_text(MODULE.replace("x + 1", "1 + x"))
    packaged.git("-C", str(linked), "add", "-A")
    fixed = packaged.check(cwd=str(linked))

    assert broken.code == 1, broken
    assert broken.rules == ["tests-fail"]
    assert fixed.code == 0, fixed
    assert "main working tree" in fixed.data["environment"]["found"]


def test_installed_copy_is_not_what_is_committed(packaged: Project) -> None:
    installed_copy(site_packages(packaged.root / ".venv"), packaged.root)
    packaged.stage({"src/pkg/m.py": MODULE.replace("x + 1", "x + 2")})

    answer = packaged.check()

    assert answer.code == 3, answer
    assert "another copy" in answer.data["findings"][0]["message"]
    assert "pip install -e ." in answer.data["findings"][0]["help"]


def test_source_roots_go_before_an_installed_copy(packaged: Project) -> None:
    installed_copy(site_packages(packaged.root / ".venv"), packaged.root)
    packaged.stage(
        {
            "src/pkg/m.py": MODULE.replace("x + 1", "x + 2"),
            "covgate.toml": 'source-roots = ["src"]\n',
        }
    )

    answer = packaged.check()

    assert answer.code == 1, answer
    assert answer.rules == ["tests-fail"]


def test_children_import_the_tree_under_test(packaged: Project) -> None:
    editable_by_path(site_packages(packaged.root / ".venv"), packaged.root)
    test = (
        "import subprocess, sys\nfrom pkg.m import f\n\n\ndef test_f():\n"
        "    code = 'import pkg.m; print(pkg.m.f(1))'\n"
        "    assert subprocess.check_output([sys.executable, '-c', code]) == b'2\\n'\n"
        "    assert f(1) == 2\n"
    )
    packaged.stage({"src/pkg/m.py": MODULE.replace("x + 1", "1 + x"), "tests/test_m.py": test})
    packaged.write({"src/pkg/m.py": MODULE.replace("x + 1", "x + 2")})

    answer = packaged.check()

    assert answer.code == 0, answer


def test_copy_of_a_single_module(packaged: Project) -> None:
    site = site_packages(packaged.root / ".venv")
    (site / "single.py").write_text("def f(x):\n    return x + 1\n")
    packaged.stage(
        {
            "src/single.py": "def f(x):\n    return x + 2\n",
            "tests/test_s.py": "import single\n\n\ndef test_s():\n    assert single.f(1) == 2\n",
        }
    )

    answer = packaged.check("--only", "tests-fail")

    assert answer.code == 3, answer
    assert "another copy" in answer.data["findings"][0]["message"]


def test_data_that_looks_like_a_package_is_no_copy(packaged: Project) -> None:
    editable_by_path(site_packages(packaged.root / ".venv"), packaged.root)
    packaged.stage(
        {
            "tests/data/coverage/__init__.py": "",
            "tests/data/coverage/control.py": "",
            "tests/test_m.py": f"import coverage.control\n{TEST}",
        }
    )

    assert packaged.check().code == 0
