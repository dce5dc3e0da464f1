"""The coverage of the whole project: the numbers of `coverage run -m pytest && coverage json`."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from coverage import results
from covgate.coverage.project import (
    FileNumbers,
    ProjectCoverage,
    cut,
    displayed,
    from_json,
    is_below_fail_under,
    not_exact,
    to_json,
    total,
)
from covgate.gate import testing
from covgate.gate.whole import whole_run
from covgate.impact.selection import Selection
from covgate.run import plan

if TYPE_CHECKING:
    from conftest import Project

FILES = {
    "app/__init__.py": "",
    "app/used.py": "def f(x):\n    if x:\n        return 1\n    return 2\n",
    "app/unused.py": "def g(x):\n    if x:\n        return 1\n    return 2\n",
    "app/part.py": "def h():\n    return 1\n\n\ndef i():  # pragma: no cover - shown\n    return 2\n",
    "test_app.py": "from app import part, used\n\n\ndef test_f():\n    assert used.f(1) == 1\n    assert part.h()\n",
}
CONFIGURATIONS = {
    "nothing configured": "",
    "source": "[run]\nsource = app\n",
    "branch": "[run]\nsource = app\nbranch = true\n",
    "omit and precision": "[run]\nsource = app\nomit = app/part.py\n[report]\nprecision = 2\n",
    "report include": "[report]\ninclude = app/*\n",
}


@pytest.mark.parametrize("configuration", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_it_equals_a_full_run(empty_project: Project, configuration: str) -> None:
    # Of an environment made of links coverage would count the installed packages as well.
    empty_project.env["COVGATE_PYTHON"] = sys.executable
    empty_project.commit({**FILES, ".coveragerc": configuration})
    given = empty_project.check("--all").data["project_coverage"]
    assert given["exact"] is True
    empty_project.run(
        empty_project.env["COVGATE_PYTHON"], "-m", "coverage", "run", "-m", "pytest", check=True
    )
    empty_project.run(sys.executable, "-m", "coverage", "json", check=True)
    expected = json.loads((empty_project.root / "coverage.json").read_text())
    assert given["percent"] == expected["totals"]["percent_covered"]
    assert given["files"] == {
        path: file["summary"]["percent_covered"] for path, file in expected["files"].items()
    }


def test_a_run_of_everything_at_a_commit_has_it_too(project: Project) -> None:
    project.stage({"m.py": (project.root / "m.py").read_text().replace("+ 1", "+ 1 + 0")})
    assert project.check("--run-all").data["project_coverage"]["exact"] is True


def test_a_run_of_some_tests_has_none(project: Project) -> None:
    project.commit(
        {
            "other.py": "X = 1\n",
            "test_other.py": "import other\n\ndef test_x():\n    assert other.X\n",
        }
    )
    project.stage({"other.py": "X = 2\n"})
    answer = project.check()
    assert answer.ran == ["test_other.py::test_x"]
    assert not (answer.data["project_coverage"] or {}).get("exact")


def test_a_run_that_broke_off_gives_no_number(project: Project) -> None:
    project.commit({"test_broken.py": "import nothing_like_this\n"})
    answer = project.check("--all")
    assert answer.code == 1
    assert answer.data["project_coverage"]["exact"] is False
    assert answer.data["project_coverage"]["percent"] is None
    assert answer.data["project_coverage"]["files"] == {}
    assert "did not come to its end" in answer.data["project_coverage"]["why"]


def test_what_coverage_can_not_report_is_no_number(project: Project) -> None:
    """A file that ran and is gone: `coverage json` fails on it as well."""
    test = "import importlib, pathlib, sys\n\n\ndef test_it():\n    place = pathlib.Path('gone.py')\n    place.write_text('X = 1')\n    importlib.invalidate_caches()\n    import gone\n    place.unlink()\n    assert gone.X\n"
    project.commit({"test_gone.py": test})
    answer = project.check("--all")
    assert answer.data["project_coverage"]["exact"] is False
    assert "coverage could not report it (NoSource" in answer.data["project_coverage"]["why"]


@pytest.mark.parametrize(
    ("known", "knows_suite", "why"),
    [
        ({"t::a", "t::b"}, True, "not exact yet: 2 of 2 tests have no evidence"),
        ({"t::a", "t::ran"}, True, "not exact yet: 1 of 2 tests has no evidence"),
        ({"t::ran"}, False, "not exact yet: the tests were never collected as a whole"),
    ],
    ids=["none", "one", "not collected"],
)
def test_some_evidence_gives_no_number(known: set[str], knows_suite: bool, why: str) -> None:
    ran = plan.RunResult(
        0, (), (plan.TestRun("t::ran", "passed", 0, "t", 1),), (), None, plan.Measurement(), (), ""
    )
    selection = Selection(everything=False, known=frozenset(known), knows_suite=knows_suite)
    coverage = whole_run(selection, testing.Tested(ran, {}, (), {}))
    assert coverage is not None
    assert not coverage.exact
    assert coverage.files == {}
    assert coverage.why == f"{why}; `covgate record` collects it"


NUMBERS = FileNumbers(8, frozenset({3, 5}), 1, 4, 1, 2)


def test_percentages_are_those_of_coverage() -> None:
    theirs = results.Numbers(
        n_statements=8, n_missing=2, n_branches=4, n_missing_branches=2, n_partial_branches=1
    )
    assert NUMBERS.counts.percent == theirs.pc_covered
    assert total([NUMBERS, NUMBERS]).percent == (theirs + theirs).pc_covered
    assert FileNumbers(0).counts.percent == results.Numbers().pc_covered == 100
    assert ProjectCoverage({}).percent == 100


def test_numbers_of_an_earlier_version_are_read() -> None:
    assert from_json([8, [3, 5], 1, 4, 1, 2]) == NUMBERS


def test_numbers_survive_being_kept() -> None:
    assert from_json(json.loads(json.dumps(to_json(NUMBERS)))) == NUMBERS


@pytest.mark.parametrize("precision", [0, 2])
@pytest.mark.parametrize("percent", [0.0, 0.001, 49.5, 50.5, 66.666, 99.4, 99.6, 99.9999, 100.0])
def test_display_is_that_of_coverage(percent: float, precision: int) -> None:
    assert displayed(percent, precision) == results.display_covered(percent, precision)


@pytest.mark.parametrize("precision", [0, 1])
@pytest.mark.parametrize("fail_under", [0, 79, 80, 79.5, 100])
@pytest.mark.parametrize("percent", [0.0, 79.4, 79.45, 79.5, 79.6, 80.0, 99.99, 100.0])
def test_fail_under_is_compared_as_coverage_does(
    percent: float, fail_under: float, precision: int
) -> None:
    ours = is_below_fail_under(Fraction(percent), fail_under, precision)
    assert ours == results.should_fail_under(percent, fail_under, precision)


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (Fraction(100), "100"),
        (Fraction(2000000, 20001), "99.99"),
        (Fraction(200, 3), "66.66"),
        (Fraction(1, 2), "0.5"),
        (Fraction(0), "0"),
    ],
    ids=str,
)
def test_a_percentage_is_cut_not_rounded(ratio: Fraction, shown: str) -> None:
    assert cut(ratio) == shown


def test_what_is_not_known_is_said() -> None:
    assert not_exact(3, 12) == "not exact yet: 3 of 12 tests have no evidence"
    assert not_exact(1, 1200) == "not exact yet: 1 of 1,200 tests has no evidence"
