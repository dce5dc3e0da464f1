"""Weaker coverage settings are found wherever they live; moves and formatting are silent."""

from __future__ import annotations

import pytest
from weakened_project import BASE, COVERAGERC, PYPROJECT, edit, findings, places

from covgate.errors import UsageError

P = "pyproject.toml"
DOTTED = """\
[tool.coverage]
report.fail_under = 10
run.branch = true
run.source = ['shop']
[tool.pytest.ini_options]
addopts = '--cov=shop'
"""
RC = ".coveragerc"
FAIL = "fail_under = 90\n"

WEAKER = {
    "fail_under lowered": (P, PYPROJECT, edit(PYPROJECT, ("= 90", "= 89.5")), 13),
    "fail_under gone": (P, PYPROJECT, edit(PYPROJECT, (FAIL, "")), 13),
    "fail_under as dotted key": (
        P,
        PYPROJECT,
        DOTTED,
        2,
    ),
    "fail_under with a variable": (
        RC,
        COVERAGERC,
        edit(COVERAGERC, ("= 90", "= ${MIN-20}")),
        7,
    ),
    "ini lowered": (RC, COVERAGERC, edit(COVERAGERC, ("= 90", "= 10")), 7),
    "ini with a colon": (
        RC,
        COVERAGERC,
        edit(COVERAGERC, ("fail_under = 90", "fail_under: 10")),
        7,
    ),
    "branch false": (P, PYPROJECT, edit(PYPROJECT, ("= true", "= false")), 9),
    "branch gone": (P, PYPROJECT, edit(PYPROJECT, ("branch = true\n", "")), 9),
    "whole table gone": (P, PYPROJECT, PYPROJECT.partition("[tool.coverage.run]")[0], 9),
    "omit a file": (P, PYPROJECT, PYPROJECT + 'omit = ["shop/cart.py"]\n', 14),
    "omit item on its own line": (
        P,
        PYPROJECT,
        PYPROJECT + 'omit = [\n  "docs/*",\n  "*/prices.py",\n]\n',
        16,
    ),
    "omit in ini, one more line": (
        RC,
        COVERAGERC,
        edit(COVERAGERC, ("    shop/_version.py\n", "    shop/_version.py\n    shop/cart.py\n")),
        5,
    ),
    "omit in ini, after a comma": (
        RC,
        COVERAGERC,
        edit(COVERAGERC, ("shop/_version.py", "shop/_version.py, shop/c*")),
        4,
    ),
    "include": (P, PYPROJECT, PYPROJECT + 'include = ["shop/slug.py"]\n', 14),
    "source narrowed": (P, PYPROJECT, edit(PYPROJECT, ('["shop"]', '["shop/slug.py"]')), 10),
    "source gone": (P, PYPROJECT, edit(PYPROJECT, ('source = ["shop"]\n', "")), 10),
    "exclude_also a statement": (P, PYPROJECT, PYPROJECT + 'exclude_also = ["return 0"]\n', 14),
    "exclude_also a definition": (
        P,
        PYPROJECT,
        PYPROJECT + 'exclude_also = ["def __repr__"]\n',
        14,
    ),
    "exclude_also over two lines": (
        P,
        PYPROJECT,
        PYPROJECT + "exclude_also = ['if self.items:\\n\\s+return 1']\n",
        14,
    ),
    "exclude_lines in ini": (
        RC,
        COVERAGERC,
        COVERAGERC + "exclude_lines =\n    pragma: no cover\n    return\n",
        10,
    ),
    "partial_branches": (P, PYPROJECT, PYPROJECT + 'partial_branches = ["if self"]\n', 14),
    "ignore_errors": (P, PYPROJECT, PYPROJECT + "ignore_errors = true\n", 14),
    "--cov-fail-under beats fail_under": (
        P,
        PYPROJECT,
        edit(PYPROJECT, ("--cov-report=term", "--cov-fail-under=50")),
        5,
    ),
    "--no-cov": (P, PYPROJECT, edit(PYPROJECT, ("--cov-report=term", "--no-cov")), 5),
    "-p no:cov": (P, PYPROJECT, edit(PYPROJECT, ("--cov-report=term", "-p no:cov")), 5),
    "--cov dropped": (P, PYPROJECT, edit(PYPROJECT, ("--cov=shop ", "")), 5),
    "--cov narrowed": (P, PYPROJECT, edit(PYPROJECT, ("--cov=shop ", "--cov=shop.slug ")), 5),
    "covdefaults gone": (
        RC,
        "[run]\nplugins = covdefaults\nsource = shop\n",
        "[run]\nsource = shop\n",
        2,
    ),
}


@pytest.mark.parametrize(("path", "before", "after", "line"), WEAKER.values(), ids=WEAKER)
def test_a_weaker_setting_is_found(path: str, before: str, after: str, line: int) -> None:
    found = findings({path: before}, {path: after})

    assert f"{path}:{line}" in places(found)
    assert {finding.path for finding in found} == {path}


SILENT = {
    "fail_under raised": (P, PYPROJECT, edit(PYPROJECT, ("= 90", "= 95"))),
    "fail_under as float": (P, PYPROJECT, edit(PYPROJECT, ("= 90", "= 90.0"))),
    "fail_under as text": (P, PYPROJECT, edit(PYPROJECT, ("= 90", '= "90"'))),
    "comments and order": (
        P,
        PYPROJECT,
        edit(
            PYPROJECT,
            ('branch = true\nsource = ["shop"]', "source = ['shop'] # all\nbranch = true"),
        ),
    ),
    "fail_under moved to addopts": (
        P,
        PYPROJECT,
        edit(PYPROJECT, (FAIL, ""), ("--cov-report=term", "--cov-fail-under=90")),
    ),
    "fail_under below a stricter --cov-fail-under": (
        P,
        edit(PYPROJECT, ("--cov-report=term", "--cov-fail-under=95")),
        edit(PYPROJECT, ("--cov-report=term", "--cov-fail-under=95"), ("= 90", "= 10")),
    ),
    "omit of what does not exist": (P, PYPROJECT, PYPROJECT + 'omit = ["*/_version.py"]\n'),
    "omit of tests": (P, PYPROJECT, PYPROJECT + 'omit = ["tests/*", "*/test_*.py"]\n'),
    "omit of what is not measured": (P, PYPROJECT, PYPROJECT + 'omit = ["docs/*"]\n'),
    "omit of empty files": (P, PYPROJECT, PYPROJECT + 'omit = ["*/__init__.py"]\n'),
    "omit moved between sections": (
        P,
        PYPROJECT + 'omit = ["shop/slug.py"]\n',
        edit(PYPROJECT, ("branch = true", 'branch = true\nomit = ["shop/slug.py"]')),
    ),
    "omit written otherwise": (
        RC,
        edit(COVERAGERC, ("shop/_version.py", "shop/cart.py\n    shop/slug.py")),
        edit(COVERAGERC, ("omit =\n    shop/_version.py", "omit = shop/cart.py, shop/slug.py")),
    ),
    "omit widened over the same files": (
        P,
        PYPROJECT + 'omit = ["shop/cart.py"]\n',
        PYPROJECT + 'omit = ["*/cart.py"]\n',
    ),
    "include of everything": (P, PYPROJECT, PYPROJECT + 'include = ["shop/*"]\n'),
    "source as a folder": (P, PYPROJECT, edit(PYPROJECT, ('["shop"]', '["./shop"]'))),
    "source widened": (P, PYPROJECT, edit(PYPROJECT, ('["shop"]', '["."]'))),
    "source_pkgs instead of source": (
        P,
        PYPROJECT,
        edit(PYPROJECT, ("source = ", "source_pkgs = ")),
    ),
    "exclude_also that matches nothing": (
        P,
        PYPROJECT,
        PYPROJECT + 'exclude_also = ["raise NotImplementedError", "if 0:"]\n',
    ),
    "exclude_also what is a default": (
        P,
        PYPROJECT,
        PYPROJECT + "exclude_also = ['if TYPE_CHECKING:', 'pragma: no cover']\n",
    ),
    "exclude_lines to exclude_also": (
        P,
        PYPROJECT + "exclude_lines = ['return 0', '# *pragma: no cover']\n",
        PYPROJECT + "exclude_also = ['return 0']\n",
    ),
    "show_missing, skip_covered, precision": (
        P,
        PYPROJECT,
        PYPROJECT + "show_missing = true\nskip_covered = true\nprecision = 2\n",
    ),
    "parallel and html": (
        RC,
        COVERAGERC,
        edit(COVERAGERC, ("[report]", "parallel = true\n[html]\ndirectory = x\n[report]")),
    ),
    "branch spelled otherwise": (
        RC,
        edit(COVERAGERC, ("[run]", "[run]\nbranch = true")),
        edit(COVERAGERC, ("[run]", "[run]\nbranch = On")),
    ),
    "--cov written otherwise": (P, PYPROJECT, edit(PYPROJECT, ("--cov=shop ", "--cov shop/ "))),
    "dependencies": (P, PYPROJECT, edit(PYPROJECT, ('"shop"\n\n', '"shop"\nversion = "2"\n\n'))),
}


@pytest.mark.parametrize(("path", "before", "after"), SILENT.values(), ids=SILENT)
def test_what_is_not_weaker_is_silent(path: str, before: str, after: str) -> None:
    assert findings({path: before}, {path: after}) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".coveragerc", ""),
        (".coveragerc.toml", "# nothing\n"),
        ("setup.cfg", "[coverage:run]\nparallel = true\n"),
        ("tox.ini", "[coverage:report]\nshow_missing = true\n"),
    ],
)
def test_a_file_that_outranks_the_settings_is_one_finding(path: str, text: str) -> None:
    found = findings({P: PYPROJECT}, {path: text})

    assert places(found) == [f"{path}:1"]
    assert "outranks pyproject.toml" in found[0].message
    assert "90 %" in found[0].message


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("setup.cfg", "[metadata]\nname = shop\n"),
        ("tox.ini", "[tox]\nenvlist = py311\n"),
        (".coveragerc", "[run]\nbranch = true\nsource = shop\n[report]\nfail_under = 90\n"),
        ("sub/.coveragerc", ""),
        ("vendor/lib/pyproject.toml", "[tool.coverage.report]\nfail_under = 1\n"),
    ],
)
def test_a_file_that_changes_no_effective_value_is_silent(path: str, text: str) -> None:
    assert findings({P: PYPROJECT}, {path: text}) == []


def test_settings_moved_to_another_file_are_compared_by_value() -> None:
    pyproject = PYPROJECT.partition("[tool.coverage.run]")[0]
    weaker = "[run]\nbranch = true\nsource = shop\n\n[report]\nfail_under = 80\n"

    same = findings({P: PYPROJECT}, {P: pyproject, RC: weaker.replace("80", "90")})
    found = findings({P: PYPROJECT}, {P: pyproject, RC: weaker})

    assert same == []
    assert places(found) == [".coveragerc:6"]


def test_another_configuration_given_to_pytest_cov_is_the_one_in_effect() -> None:
    other = "[run]\nbranch = true\nsource = shop\n"
    found = findings(
        {P: PYPROJECT, "ci/cov.ini": other},
        {P: edit(PYPROJECT, ("--cov-report=term", "--cov-config=ci/cov.ini"))},
    )

    assert [f.message for f in found if "fail_under" in f.message]


def test_to_begin_with_coverage_weakens_nothing() -> None:
    assert findings({}, {RC: "[run]\nsource = shop\nomit = shop/cart.py\n"}) == []


def test_files_and_statements_that_leave_the_count_are_named() -> None:
    (found,) = findings({P: PYPROJECT}, {P: PYPROJECT + 'omit = ["shop/cart.py"]\n'})

    assert "shop/cart.py (7 statements) leaves the count" in found.message


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        (P, PYPROJECT + "omit = [\n", "pyproject.toml:1"),
        (RC, "[run]\nsource shop\n", ".coveragerc:2"),
        (P, PYPROJECT + "exclude_also = ['(']\n", "pyproject.toml:14"),
    ],
)
def test_a_broken_file_is_the_users_mistake(path: str, text: str, place: str) -> None:
    with pytest.raises(UsageError, match=f"^{place}"):
        findings({P: PYPROJECT}, {path: text})


def test_a_file_that_was_broken_in_the_base_does_not_stop_its_repair() -> None:
    assert findings({P: "[tool.coverage"}, {P: PYPROJECT}) == []


def test_an_empty_base_has_no_gates_to_weaken() -> None:
    from weakened_project import change_of

    from covgate.config.model import Simple
    from covgate.rules.config_weakened import find

    change = change_of({}, {**BASE, P: PYPROJECT + 'omit = ["shop/*"]\n'})
    assert find(change, Simple()) == []


@pytest.mark.parametrize("pattern", ["**/**", "a**b", "["])
def test_a_pattern_that_coverage_refuses_is_told(pattern: str) -> None:
    old = edit(PYPROJECT, ("branch = true", f'branch = true\nomit = ["{pattern}"]'))
    with pytest.raises(UsageError, match=r"pyproject\.toml:\d+: `omit` has an invalid pattern"):
        findings({"pyproject.toml": PYPROJECT}, {"pyproject.toml": old})
    assert findings({"pyproject.toml": old}, {"pyproject.toml": PYPROJECT}) == []
