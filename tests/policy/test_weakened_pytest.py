"""A plain pytest run that leaves tests out is found; wider runs and renames are silent."""

from __future__ import annotations

import pytest
from weakened_project import PYPROJECT, edit, findings, places

P = "pyproject.toml"
INI = "[pytest]\naddopts = -ra\n"


def addopts(text: str) -> str:
    return edit(PYPROJECT, ("--cov-report=term", text))


WEAKER = {
    "-k": (P, PYPROJECT, addopts("-k slug"), 5),
    "-k attached": (P, PYPROJECT, addopts("-kslug"), 5),
    "-m": (P, PYPROJECT, addopts("-m 'not slow'"), 5),
    "-m narrower": (P, addopts("-m 'not slow'"), addopts("-m 'not slow and not net'"), 5),
    "-m or dropped": (P, addopts("-m 'unit or api'"), addopts("-m unit"), 5),
    "--deselect": (P, PYPROJECT, addopts("--deselect tests/test_cart.py::test_total"), 5),
    "--ignore": (P, PYPROJECT, addopts("--ignore=tests/test_cart.py"), 5),
    "--ignore-glob": (P, PYPROJECT, addopts("--ignore-glob='*cart*'"), 5),
    "--collect-only": (P, PYPROJECT, addopts("--collect-only"), 5),
    "--last-failed": (P, PYPROJECT, addopts("--lf"), 5),
    "a path": (P, PYPROJECT, addopts("tests/test_slug.py"), 5),
    "testpaths": (P, PYPROJECT, edit(PYPROJECT, ('["tests"]', '["tests/test_slug.py"]')), 6),
    "python_files": ("pytest.ini", INI, INI + "python_files = test_slug.py\n", 3),
    "python_functions": ("pytest.ini", INI, INI + "python_functions = test_slug*\n", 3),
    "norecursedirs": ("pytest.ini", INI, INI + "norecursedirs = tests\n", 3),
    "xfail_strict off": ("pytest.ini", INI + "xfail_strict = true\n", INI, 3),
    "strict off": ("pytest.ini", INI + "strict = true\n", INI + "strict = false\n", 3),
    "doctests": ("pytest.ini", edit(INI, ("-ra", "--doctest-modules")), INI, 2),
    "addopts over lines": (
        P,
        PYPROJECT,
        edit(
            PYPROJECT,
            (
                '"--cov=shop --cov-report=term"',
                '"""\n  --cov=shop\n  --ignore=tests/test_cart.py\n"""',
            ),
        ),
        7,
    ),
    "native toml": (
        "pytest.toml",
        '[pytest]\naddopts = ["-ra"]\n',
        '[pytest]\naddopts = [\n  "-ra",\n  "-k", "slug",\n]\n',
        4,
    ),
    "-o overrides": ("pytest.ini", INI, edit(INI, ("-ra", "-o python_files=test_slug.py")), 2),
}


@pytest.mark.parametrize(("path", "before", "after", "line"), WEAKER.values(), ids=WEAKER)
def test_a_narrower_run_is_found(path: str, before: str, after: str, line: int) -> None:
    assert places(findings({path: before}, {path: after})) == [f"{path}:{line}"]


SILENT = {
    "-m removed": (P, addopts("-m 'not slow'"), PYPROJECT),
    "-m wider": (P, addopts("-m unit"), addopts("-m 'unit or api'")),
    "-m reordered": (P, addopts("-m 'a and not b'"), addopts("-m 'not b and a'")),
    "--ignore without tests": (P, PYPROJECT, addopts("--ignore=docs --ignore=build")),
    "--deselect what is not there": (P, PYPROJECT, addopts("--deselect tests/test_gone.py::x")),
    "presentation": (P, PYPROJECT, addopts("-q --tb=short -ra --durations 5 -x -n 4")),
    "testpaths widened": (P, PYPROJECT, edit(PYPROJECT, ('["tests"]', '["tests", "docs"]'))),
    "testpaths gone": (P, PYPROJECT, edit(PYPROJECT, ('testpaths = ["tests"]\n', ""))),
    "testpaths as text": (P, PYPROJECT, edit(PYPROJECT, ('["tests"]', '"tests"'))),
    "testpaths of a folder to come": (
        P,
        PYPROJECT,
        edit(PYPROJECT, ('["tests"]', '["tests", "integration"]')),
    ),
    "python_files widened": (
        "pytest.ini",
        INI,
        INI + "python_files = test_*.py *_test.py check_*.py\n",
    ),
    "python_functions widened": ("pytest.ini", INI, INI + "python_functions = test check\n"),
    "norecursedirs elsewhere": ("pytest.ini", INI, INI + "norecursedirs = docs .git\n"),
    "xfail_strict by its new name": (
        "pytest.ini",
        INI + "xfail_strict = true\n",
        INI + "strict_xfail = true\n",
    ),
    "markers and warnings": (
        "pytest.ini",
        INI,
        INI + "markers =\n    slow: takes long\nfilterwarnings = error\n",
    ),
    "lower rank": ("tox.ini", "", "[pytest]\naddopts = -k slug\n"),
}


@pytest.mark.parametrize(("path", "before", "after"), SILENT.values(), ids=SILENT)
def test_a_run_of_as_many_tests_is_silent(path: str, before: str, after: str) -> None:
    base = {P: PYPROJECT, path: before} if path == "tox.ini" else {path: before}

    assert findings(base, {path: after}) == []


@pytest.mark.parametrize("path", ["pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"])
def test_an_empty_file_that_outranks_the_settings_is_found(path: str) -> None:
    found = findings({P: PYPROJECT}, {path: ""})

    assert places(found) == [f"{path}:1"]
    assert "`--cov` is gone" in found[0].message


def test_the_same_settings_in_the_native_table_are_silent() -> None:
    native = edit(
        PYPROJECT,
        ("[tool.pytest.ini_options]", "[tool.pytest]"),
        ('"--cov=shop --cov-report=term"', '["--cov=shop", "--cov-report=term"]'),
    )

    assert findings({P: PYPROJECT}, {P: native}) == []


def test_a_renamed_test_folder_is_silent() -> None:
    found = findings(
        {P: PYPROJECT},
        {
            P: edit(PYPROJECT, ('["tests"]', '["checks"]')),
            "checks/test_cart.py": "def test_total():\n    assert True\n",
            "checks/test_slug.py": "def test_slug():\n    assert True\n",
        },
        renames={
            "checks/test_cart.py": "tests/test_cart.py",
            "checks/test_slug.py": "tests/test_slug.py",
        },
    )

    assert found == []
