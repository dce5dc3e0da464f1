"""Tests that would cover the change but are not part of the commit are named, not believed."""

from __future__ import annotations

import pytest

from conftest import BASE_MODULE, Project

G_EDITED = BASE_MODULE.replace("return 2", "return 3")
COVERS = "from m import g\n\n\ndef test_g():\n    assert g(0) == 3\n"


@pytest.mark.parametrize("name", ["t.py", "test_g.py", "new/deep/test_g.py", "a b/test_g.py"])
def test_only_an_untracked_test_covers_the_line(project: Project, name: str) -> None:
    project.stage({"m.py": G_EDITED})
    project.write({name: COVERS})
    before = project.state()
    answer = project.check()
    assert (answer.code, answer.uncovered) == (1, {"m.py": [9]})
    [finding] = answer.data["findings"]
    assert (finding["path"], finding["line"]) == ("m.py", 9)
    assert f"covered by untracked {name}" in finding["help"]
    assert f"git add '{name}'" in finding["help"]
    assert project.state() == before


def test_a_test_whose_edits_are_unstaged(project: Project) -> None:
    project.stage({"m.py": G_EDITED})
    project.write({"test_m.py": COVERS})
    [finding] = project.check().data["findings"]
    assert "covered by unstaged changes of test_m.py" in finding["help"]


def test_relative_import_inside_a_package(project: Project) -> None:
    project.commit({"pkg/__init__.py": "", "pkg/m.py": BASE_MODULE, "pkg/tests/__init__.py": ""})
    project.stage({"pkg/m.py": G_EDITED})
    project.write({"pkg/tests/test_x.py": COVERS.replace("from m", "from ..m")})
    [finding] = [f for f in project.check().data["findings"] if f["path"] == "pkg/m.py"]
    assert "covered by untracked pkg/tests/test_x.py" in finding["help"]


def test_other_untracked_files_are_not_named(project: Project) -> None:
    project.stage({"m.py": G_EDITED})
    project.write({"notes.py": "import os\n", "broken.py": "def (\n", "m.txt": "import m\n"})
    [finding] = project.check().data["findings"]
    assert "untracked" not in finding["help"]


def test_an_untracked_helper_of_the_tests_is_a_finding(project: Project) -> None:
    project.stage({"test_h.py": "import helper\n\n\ndef test_h():\n    assert helper.A\n"})
    project.write({"helper.py": "A = 1\n"})
    answer = project.check()
    assert answer.code == 1
    [finding] = [f for f in answer.data["findings"] if f["rule"] == "untracked-dependency"]
    assert finding["path"] == "helper.py"
    assert finding["help"] == "git add 'helper.py'"


@pytest.mark.parametrize("name", ["data.txt", "data/input.json", "nä me.txt"])
def test_an_untracked_data_file_of_the_tests_is_a_finding(project: Project, name: str) -> None:
    text = f"from pathlib import Path\n\n\ndef test_d():\n    assert Path({name!r}).read_text()\n"
    project.stage({"test_d.py": text})
    project.write({name: "x\n"})
    answer = project.check()
    assert answer.code == 1
    found = [f["path"] for f in answer.data["findings"] if f["rule"] == "untracked-dependency"]
    assert found == [name]


def test_intent_to_add_is_not_part_of_the_commit(project: Project) -> None:
    project.stage({"test_h.py": "import helper\n\n\ndef test_h():\n    assert helper.A\n"})
    project.write({"helper.py": "A = 1\n"})
    project.git("add", "-N", "helper.py")
    answer = project.check()
    assert answer.code == 1
    assert "untracked-dependency" in answer.rules


def test_ignored_files_are_brought_along(project: Project) -> None:
    project.commit({".gitignore": "_version.py\n"})
    project.stage(
        {
            "m.py": G_EDITED,
            "test_v.py": "import _version, m\n\n\ndef test_v():\n    assert m.g(0)\n",
        }
    )
    project.write({"_version.py": "V = 1\n", "untracked.py": ""})
    answer = project.check()
    assert (answer.code, answer.rules) == (0, [])
