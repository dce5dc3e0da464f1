"""The coverage of the whole project from a run of some tests and the evidence of the others."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from policy_project import found, messages

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project

SHAPES = '''\
"""Shapes."""

import functools


def area(kind, size):
    if kind == "square":
        return size * size
    if kind == "circle":
        return 3 * size * size
    return 0


def name(kind):
    for letter in kind:
        if letter == "x":
            return "odd"
    return kind.title()


def doubled(function):
    @functools.wraps(function)
    def inner(size):
        return 2 * function(size)

    return inner


def half(size):
    return size / 2
'''
PRICES = "def price(n):\n    if n > 9:\n        n -= 1\n    return n * 2\n\n\ndef tax(n):\n    return n / 5\n"
TEST_SHAPES = """\
from app import shapes


def test_square():
    assert shapes.area("square", 2) == 4


def test_name():
    assert shapes.name("ring") == "Ring"
    assert shapes.doubled(abs)(-2) == 4
"""
TEST_PRICES = "from app import prices, shapes\n\nHALF = shapes.half(2)\n\n\ndef test_price():\n    assert prices.price(1) == 2\n"
# What is called while this is imported or collected goes with it, and so does what it alone imports.
TEST_CALLS = """\
import pytest

from app import alone, shapes


class TestCalls:
    KIND = shapes.name("x")

    @pytest.mark.parametrize("size", [shapes.area("circle", 1)], ids=lambda n: shapes.name("x"))
    def test_size(self, size):
        assert size == 3 and alone.ONE
"""
POLICY = "\n[tool.covgate.coverage-floor]\nfloor = 1\n"
EDITS: dict[str, dict[str, str | None]] = {
    "a body": {"app/prices.py": PRICES.replace("n * 2", "n * 2 + 0")},
    "lines that move": {"app/shapes.py": SHAPES.replace("def name", "# the\n# name\n\n\ndef name")},
    "a new function": {"app/prices.py": PRICES + "\n\ndef new(n):\n    return n\n"},
    "a new test": {"tests/test_shapes.py": TEST_SHAPES + '\n\ndef test_circle():\n    assert shapes.area("circle", 1) == 3\n'},
    "a test less": {"tests/test_shapes.py": TEST_SHAPES.partition("\n\n\ndef test_name")[0] + "\n"},
    "a new module": {"app/more.py": "def more():\n    return 1\n"},
    "a module less": {"app/prices.py": None, "tests/test_prices.py": None},
    "a caller less": {"tests/test_calls.py": None},
    "a caller renamed": {"tests/test_calls.py": None, "tests/test_renamed.py": TEST_CALLS.replace('"circle"', '"oval"').replace("== 3", "== 0")},
    "a branch": {"app/shapes.py": SHAPES.replace("return 0", 'return 0 if kind == "none" else 1')},
}  # fmt: skip


@pytest.fixture(scope="module")
def recorded(
    tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]
) -> dict[bool, Project]:
    """Projects with evidence of every test, without branches and with them."""
    from conftest import Project

    projects = {}
    for branch in (False, True):
        project = Project(tmp_path_factory.mktemp("assembly") / "project", clean_env)
        settings = f'[tool.coverage.run]\nsource = ["app"]\nbranch = {str(branch).lower()}\n'
        files = {"app/__init__.py": "", "app/shapes.py": SHAPES, "app/prices.py": PRICES}
        files["app/alone.py"] = 'ONE = __import__("app.shapes").shapes.area("oval", 1) + 1\n'
        tests = {"tests/test_shapes.py": TEST_SHAPES, "tests/test_prices.py": TEST_PRICES}
        tests["tests/test_calls.py"] = TEST_CALLS
        project.commit({"pyproject.toml": settings + POLICY, **files, **tests})
        assert project.covgate("record").code == 0
        projects[branch] = project
    return projects


@pytest.mark.parametrize("branch", [False, True], ids=["lines", "branches"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_it_equals_a_full_run(
    recorded: dict[bool, Project], edit: dict[str, str | None], branch: bool
) -> None:
    from conftest import Project

    source = recorded[branch]
    project = Project(source.root, source.env)
    project.git("reset", "-q", "--hard")
    project.stage(edit)
    answer = project.covgate("check", "--format=json")
    given = answer.data["project_coverage"]
    assert given is not None, answer.out
    assert given["exact"] is True, given["why"]
    assert len(answer.ran) < 3 or answer.data["tests"]["reused"]
    project.run(
        project.env["COVGATE_PYTHON"], "-m", "coverage", "run", "-m", "pytest", "-q", check=True
    )
    project.run(project.env["COVGATE_PYTHON"], "-m", "coverage", "json", check=True)
    expected = json.loads((project.root / "coverage.json").read_text())
    for left in (".coverage", "coverage.json"):
        (project.root / left).unlink()
    shutil.rmtree(project.root / ".pytest_cache", ignore_errors=True)
    assert given["files"] == {
        path: file["summary"]["percent_covered"] for path, file in expected["files"].items()
    }
    assert given["percent"] == expected["totals"]["percent_covered"]


def _uncovered(project: Project) -> dict[str, list[int]]:
    """Return the lines that a full run with branches leaves uncovered, or goes partly."""
    run = (project.env["COVGATE_PYTHON"], "-m", "coverage")
    data = ("--data-file", str(project.root.parent / "full"))
    project.run(*run, "run", *data, "-m", "pytest", "-q", "-p", "no:cacheprovider", check=True)
    out = project.root.parent / "full.json"
    project.run(*run, "json", *data, "-o", str(out), check=True)
    return {
        path: sorted({*file["missing_lines"], *(line for line, _ in file["missing_branches"])})
        for path, file in json.loads(out.read_text())["files"].items()
        if file["summary"]["num_statements"]
    }


def test_branches_of_reused_tests_count_where_the_whole_project_is_judged(
    recorded: dict[bool, Project],
) -> None:
    project = recorded[True]
    project.git("reset", "-q", "--hard")
    assert project.covgate("record").code == 0
    answer = project.covgate("check", "--format=json")
    assert answer.data["tests"]["selected"] == []
    files = answer.data["diff_coverage"]["files"]
    assert {path: files[path]["uncovered"] for path in files} == _uncovered(project)


@pytest.mark.parametrize(
    "edit",
    [
        {"app/prices.py": "# Prices.\n\n\n" + PRICES},
        {"app/prices.py": PRICES.replace("if n > 9:", "if n > 9:  # many")},
        {"app/prices.py": PRICES.replace("if n > 9:", "if (\n        n > 9\n    ):")},
        {"app/prices.py": PRICES.replace("n -= 1", "n -= 2")},
        {"app/prices.py": PRICES.replace("n > 9", "n > 8")},
    ],
    ids=["moved", "a comment", "laid out anew", "where it leads", "what it asks"],
)
def test_branches_of_reused_tests_count_where_lines_moved(
    recorded: dict[bool, Project], edit: dict[str, str | None]
) -> None:
    project = recorded[True]
    project.git("reset", "-q", "--hard")
    before = project.git("rev-parse", "HEAD").strip()
    project.commit(edit)
    answer = project.covgate("check", "--format=json")
    files = answer.data["diff_coverage"]["files"]
    expected = _uncovered(project)
    project.git("reset", "-q", "--hard", before)
    assert {path: files[path]["uncovered"] for path in files} == expected


def test_branches_of_reused_tests_count_where_coverage_cannot_report_all(
    empty_project: Project,
) -> None:
    gone = (
        "def test_gone(tmp_path):\n    import pathlib, runpy\n"
        "    path = pathlib.Path(__file__).parent.parent / 'app' / 'made.py'\n"
        "    path.write_text('x = 1\\n')\n    runpy.run_path(str(path))\n    path.unlink()\n"
    )
    empty_project.commit(
        {
            "pyproject.toml": '[tool.coverage.run]\nsource = ["app"]\nbranch = true\n',
            "app/__init__.py": "",
            "app/prices.py": PRICES,
            "tests/test_prices.py": "from app.prices import price\n\n\ndef test_both():\n"
            "    assert (price(1), price(11)) == (2, 20)\n",
            "tests/test_gone.py": gone,
        }
    )
    assert empty_project.covgate("record").code == 0
    empty_project.commit({"tests/test_gone.py": gone.replace("x = 1", "x = 2")})
    answer = empty_project.covgate("check", "--format=json")
    assert answer.ran == ["tests/test_gone.py::test_gone"]
    assert answer.data["diff_coverage"]["files"]["app/prices.py"]["uncovered"] == [8]


def test_the_policy_is_enforced_at_a_commit_that_runs_few_tests(
    recorded: dict[bool, Project],
) -> None:
    project = recorded[False]
    project.git("reset", "-q", "--hard")
    settings = (project.root / "pyproject.toml").read_text()
    ratchet = '[tool.covgate.coverage-ratchet]\nlevel = "error"\n'
    project.commit({"pyproject.toml": settings + ratchet})
    assert project.covgate("record").code == 0
    project.stage({"app/prices.py": PRICES + "\n\ndef new(n):\n    return n\n"})
    answer = project.covgate("check", "--format=json", "--only", "coverage-ratchet")
    assert found(answer) == [("coverage-ratchet", None)], messages(answer)
    assert len(answer.ran) < 3


@pytest.mark.parametrize("branch", [False, True], ids=["lines", "branches"])
def test_the_exported_file_is_read_by_coverage(
    recorded: dict[bool, Project], tmp_path: Path, branch: bool
) -> None:
    project = recorded[branch]
    project.git("reset", "-q", "--hard")
    assert project.covgate("record").code == 0
    exported, full = tmp_path / "exported", tmp_path / "full"
    answer = project.covgate("export", str(exported))
    assert answer.code == 0, answer.err
    run = (project.env["COVGATE_PYTHON"], "-m", "coverage")
    project.run(*run, "run", "--data-file", str(full), "-m", "pytest", check=True)
    program = (project.env["COVGATE_PYTHON"], "-c", _REPORTS)
    told = project.run(*program, str(exported), str(full), str(tmp_path / "out"), check=True)
    ours, theirs = (json.loads(line) for line in told.out.splitlines()[-2:])
    assert ours == theirs
    assert set(ours) == {"report", "json", "xml", "lcov"}
    pages = (tmp_path / "out" / "html").glob("*.html")
    assert any("test_square" in page.read_text() for page in pages)


# All reports of both files in one process: each costs a start of the interpreter.
_REPORTS = """
import io, json, re, sys
import coverage
*files, out = sys.argv[1:]
for file in files:
    cov = coverage.Coverage(data_file=file)
    cov.load()
    text = io.StringIO()
    cov.report(file=text, show_missing=True)
    for kind in ("json", "xml", "lcov"):
        getattr(cov, kind + "_report")(outfile=out + "." + kind)
    told = {kind: open(out + "." + kind).read() for kind in ("json", "xml", "lcov")}
    report = json.loads(told["json"])
    told["json"] = [report["files"], report["totals"]]
    told["xml"] = re.sub(r'timestamp="[0-9]+"', "", told["xml"])
    told["report"] = text.getvalue()
    print(json.dumps(told, sort_keys=True))
    if file == files[0]:
        cov.html_report(directory=out + "/html", show_contexts=True)
"""


def test_a_change_that_measures_nothing_has_the_numbers_of_its_base(
    recorded: dict[bool, Project],
) -> None:
    project = recorded[False]
    project.git("reset", "-q", "--hard")
    assert project.covgate("record").code == 0
    before = project.covgate("check", "--format=json").data
    project.stage({"README.md": "words\n"})
    answer = project.covgate("check", "--format=json")
    assert answer.ran == []
    assert answer.data["project_coverage"]["exact"] is True
    assert before["tree"] != answer.data["tree"]
    assert project.covgate("plan").code == 0


def test_the_test_that_lost_lines_is_named(recorded: dict[bool, Project]) -> None:
    project = recorded[False]
    project.git("reset", "-q", "--hard")
    settings = (project.root / "pyproject.toml").read_text()
    if "coverage-ratchet" not in settings:
        ratchet = '[tool.covgate.coverage-ratchet]\nlevel = "error"\n'
        project.commit({"pyproject.toml": settings + ratchet})
    assert project.covgate("record").code == 0
    short = TEST_SHAPES.partition("\n\n\ndef test_name")[0].replace('"square", 2', '"round", 2')
    project.stage({"tests/test_shapes.py": short.replace("== 4", "== 0") + "\n"})
    said = messages(project.covgate("check", "--format=json", "--only", "coverage-ratchet"))
    assert "lost coverage although it did not change" in said
    assert "tests/test_shapes.py::test_name, which is gone" in said
    assert "tests/test_shapes.py::test_square, which was changed" in said


def test_a_file_is_analysed_again_only_when_its_numbers_may_change(
    recorded: dict[bool, Project],
) -> None:
    project = recorded[True]
    project.git("reset", "-q", "--hard")
    assert project.covgate("record", "--afresh").code == 0  # what others left is kept
    numbers = project.root / ".git" / "covgate" / "numbers.sqlite"
    with closing(sqlite3.connect(numbers)) as database:
        known = database.execute("select count(*) from numbers").fetchone()[0]
        database.execute("update numbers set counts = '[100, [1], 0, 0, 0, 0, []]'")
        database.commit()
    project.stage({"app/prices.py": PRICES.replace("n * 2", "n * 2 + 0")})
    given = project.covgate("check", "--format=json").data["project_coverage"]["files"]
    assert given["app/shapes.py"] == 99.0  # what was kept, and nobody would get by analysis
    assert given["app/prices.py"] < 99.0
    with closing(sqlite3.connect(numbers)) as database:
        assert database.execute("select count(*) from numbers").fetchone()[0] == known + 1
    numbers.write_bytes(b"no database")
    project.stage({"app/prices.py": PRICES.replace("n * 2", "n * 2 + 1 - 1")})
    given = project.covgate("check", "--format=json").data["project_coverage"]
    assert given["exact"] is True
    assert given["files"]["app/shapes.py"] != 99.0
    numbers.unlink()


def test_a_source_that_is_a_package_in_a_folder_is_exported(
    project: Project, tmp_path: Path
) -> None:
    project.commit(
        {
            "pyproject.toml": '[tool.coverage.run]\nsource = ["pack"]\n[tool.covgate]\nsource-roots = ["src"]\n',
            "src/pack/__init__.py": "def one():\n    return 1\n",
            "tests/test_one.py": "import pack\n\n\ndef test_one():\n    assert pack.one() == 1\n",
        }
    )
    assert project.covgate("record").code == 0
    assert project.covgate("export", str(tmp_path / "exported")).code == 0
    read = (project.env["COVGATE_PYTHON"], "-m", "coverage", "report")
    told = project.run(*read, "--data-file", str(tmp_path / "exported"), PYTHONPATH="src")
    assert "src/pack/__init__.py" in told.out


def test_nothing_is_exported_without_evidence(project: Project) -> None:
    answer = project.covgate("export")
    assert answer.code == 3
    assert "covgate record" in answer.err
    assert not (project.root / ".coverage").exists()
