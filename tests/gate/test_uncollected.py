"""Tests that came past the gate (a pull, another branch, `--no-verify`) are found, as in a full run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Project

FAILING = "def test_new():\n    assert False\n"
BASE = {
    "m.py": "def f():\n    return 1\n",
    "shared.py": "VALUE = 1\n",
    "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f() == 1\n",
    "test_empty.py": "from shared import *\n",
    "helper.py": "",
}
# What came, and the test that a full run would see fail.
CAME = {
    "a new file": ({"test_more.py": FAILING}, "test_more.py::test_new"),
    "a file that held none": ({"test_empty.py": FAILING}, "test_empty.py::test_new"),
    "tests that another file gives": ({"shared.py": FAILING}, "test_empty.py::test_new"),
    "others in place of all": ({"test_m.py": FAILING}, "test_m.py::test_new"),
    "one more": ({"test_m.py": BASE["test_m.py"] + FAILING}, "test_m.py::test_new"),
    "another file under a name that was there": (
        {"helper_test.py": FAILING},
        "helper_test.py::test_new",
    ),
}
COMMENT = {"m.py": BASE["m.py"] + "# a comment\n"}

# What keeps tests from being collected at the recording, and the change that lets them be.
HELD_BACK = {
    "by a first error": (
        {"test_a.py": "import nowhere_to_be_found\n", "test_new.py": FAILING},
        {"test_a.py": "def test_a():\n    assert True\n"},
        ["test_new.py::test_new"],
    ),
    "by the conftest of their folder, and by choice": (
        {
            "conftest.py": "from chosen import collect_ignore\n",
            "chosen.py": "collect_ignore = ['test_new.py']\n",
            "test_new.py": FAILING,
            "sub/conftest.py": "import lib\n",
            "sub/test_below.py": FAILING,
            "lib.py": "def (:\n",
        },
        {"lib.py": "X = 1\n", "chosen.py": "collect_ignore = []\n"},
        ["sub/test_below.py::test_new", "test_new.py::test_new"],
    ),
}


def _failed(project: Project) -> list[str]:
    answer = project.covgate("check", "--format=json")
    assert answer.code in (0, 1), answer
    return [
        test["id"] if isinstance(test, dict) else test for test in answer.data["tests"]["failed"]
    ]


def test_tests_that_came_without_a_check_run_at_the_next_one(empty_project: Project) -> None:
    project = empty_project
    project.commit(BASE)
    base = project.git("rev-parse", "HEAD").strip()
    assert project.covgate("record").code == 0
    found = {}
    for kind, (files, _) in CAME.items():
        project.commit(files)
        project.stage(COMMENT)
        found[kind] = _failed(project)
        project.git("reset", "--quiet", "--hard", base)
    assert found == {kind: [test] for kind, (_, test) in CAME.items()}
    project.stage(COMMENT)
    answer = project.covgate("check", "--format=json")
    assert (answer.code, answer.data["tests"]["selected"]) == (0, [])


@pytest.mark.parametrize("kind", HELD_BACK)
def test_tests_that_were_held_back_run_when_they_are_let_go(
    empty_project: Project, kind: str
) -> None:
    project = empty_project
    before, change, tests = HELD_BACK[kind]
    first = kind == "by a first error"
    settings = {"pyproject.toml": "[tool.covgate]\npytest-args = ['-x']\n"} if first else {}
    project.commit(BASE | before | settings)
    project.covgate("record")
    project.stage(change)
    assert sorted(_failed(project)) == tests


def test_tests_that_came_below_a_link_run_under_its_name(empty_project: Project) -> None:
    project = empty_project
    project.commit(
        BASE
        | {
            "pytest.ini": "[pytest]\ntestpaths = tests\n",
            "tests/test_here.py": "def test_here():\n    assert True\n",
            "more/test_there.py": "def test_there():\n    assert True\n",
        }
    )
    (project.root / "tests/linked").symlink_to("../more")
    project.commit({})
    assert project.covgate("record").code == 0
    project.commit({"more/test_new.py": FAILING})
    project.stage(COMMENT)
    assert _failed(project) == ["tests/linked/test_new.py::test_new"]


def test_what_came_and_holds_no_tests_is_asked_once(empty_project: Project) -> None:
    project = empty_project
    project.commit(BASE)
    assert project.covgate("record").code == 0
    project.commit({"test_fine.py": "def test_fine():\n    assert True\n", "more.py": "X = 1\n"})
    ran = []
    for text in ("one\n", "two\n"):
        project.stage({"README.md": text})
        answer = project.covgate("check", "--format=json")
        ran.append([one["id"] for one in answer.data["tests"]["selected"]])
    assert ran == [["test_fine.py::test_fine"], []]


def test_a_file_that_cannot_be_collected_is_told_until_it_can(empty_project: Project) -> None:
    project = empty_project
    project.commit(BASE | {"n.py": "def g():\n    return 1\n"})
    base = project.git("rev-parse", "HEAD").strip()
    assert project.covgate("record").code == 0
    for broken in ({"test_m.py": "def broken(:\n"}, {"m.py": "def broken(:\n"}):
        project.stage(broken)
        assert project.covgate("check").code != 0
        project.commit(broken)
        for number in (2, 3):
            project.stage({"n.py": f"def g():\n    return 1\n# {number}\n"})
            answer = project.covgate("check")
            assert (answer.code, "test_m.py can't be collected" in answer.out) == (1, True)
        project.git("reset", "--quiet", "--hard", base)
    project.stage({"n.py": "def g():\n    return 1\n# 4\n"})
    answer = project.covgate("check", "--format=json")
    assert (answer.code, answer.data["tests"]["selected"]) == (0, [])


def test_a_test_that_never_could_be_collected_is_told_at_every_check(
    empty_project: Project,
) -> None:
    project = empty_project
    project.commit(BASE)
    assert project.covgate("record").code == 0
    project.commit({"test_broken.py": "import nowhere_to_be_found\n"})
    for number in (1, 2):
        project.stage({"README.md": f"{number}\n"})
        answer = project.covgate("check")
        assert (answer.code, "test_broken.py can't be collected" in answer.out) == (1, True)


def test_lines_count_as_covered_only_where_a_test_imports_them_still(
    empty_project: Project,
) -> None:
    project = empty_project
    uses = "import shared\n\n\ndef test_value():\n    assert shared.VALUE > 0\n"
    project.commit(BASE | {"test_shared.py": uses, "test_empty.py": ""})
    assert project.covgate("record").code == 0
    project.stage({"shared.py": "VALUE = 2\n", "test_shared.py": None})
    assert project.check().uncovered == {"shared.py": [1]}
    project.stage({"test_shared.py": "import shared\n"})  # collected, and it imports the module
    assert project.check().uncovered == {}


def test_a_file_that_skips_itself_is_asked_again(empty_project: Project) -> None:
    project = empty_project
    skips = "import os\n\nimport pytest\n\nif 'FEATURE' not in os.environ:\n"
    skips += "    pytest.skip('not here', allow_module_level=True)\n\n\n"
    project.commit(BASE | {"test_skips.py": skips + FAILING})
    assert project.covgate("record").code == 0
    project.stage({"README.md": "one\n"})
    assert project.covgate("check").code == 0
    answer = project.covgate("check", "--format=json", FEATURE="1")
    assert (answer.code, answer.ran) == (1, ["test_skips.py::test_new"])


def test_tests_of_a_submodule_run_at_every_check(empty_project: Project) -> None:
    project = empty_project
    origin = project.root.parent / "origin"
    project.git("init", "--quiet", str(origin))
    (origin / "test_inner.py").write_text("from m import f\n\n\ndef test_inner():\n    f()\n")
    inside = ("-C", str(origin), "-c", "user.name=A", "-c", "user.email=a@b.invalid")
    project.git(*inside, "add", "--all")
    project.git(*inside, "commit", "--quiet", "--message", "tests")
    allowed = ("-c", "protocol.file.allow=always")
    project.git(*allowed, "submodule", "--quiet", "add", str(origin), "inner")
    project.commit(BASE)
    assert project.covgate("record").code == 0
    project.stage({"m.py": "def f():\n    raise ValueError\n"})
    assert "inner/test_inner.py::test_inner" in _failed(project)
    project.git("reset", "--quiet", "--hard")
    (project.root / "inner" / "test_more.py").write_text(FAILING)
    inside = ("-C", "inner", "-c", "user.name=A", "-c", "user.email=a@b.invalid")
    project.git(*inside, "add", "--all")
    project.git(*inside, "commit", "--quiet", "--message", "one more")
    project.stage({})
    assert _failed(project) == ["inner/test_more.py::test_new"]
