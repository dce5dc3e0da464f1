"""tox, nox, make, scripts, Codecov, Sonar, diff-cover and covgate's own settings."""

from __future__ import annotations

import pytest
from weakened_project import BASE, PYPROJECT, edit, findings, places

TOX = "[testenv]\ncommands =\n    pytest --cov=shop --cov-fail-under=90\n"
NOX = """\
import nox

MINIMUM = "90"


@nox.session(python=["3.11", "3.12"])
def tests(session):
    session.install("-e", ".")
    session.run("pytest", "--cov=shop", f"--cov-fail-under={MINIMUM}", *session.posargs)
"""
MAKE = """\
MIN ?= 90
PYTEST = python -m pytest

.PHONY: test
test: build
\t@$(PYTEST) --cov=shop --cov-fail-under=$(MIN)
"""
SCRIPT = "#!/bin/sh\nset -e\npytest --cov=shop --cov-fail-under=90\n"
CODECOV = """\
coverage:
  status:
    project:
      default:
        target: 90%
        threshold: 1%
    patch:
      default:
        target: 95%
ignore:
  - "docs/**"
"""
SONAR = "sonar.sources=shop\nsonar.coverage.exclusions=docs/**\n"
DIFF_COVER = "[tool.diff_cover]\nfail_under = 95\n"
OWN = """\
[tool.covgate]
test-paths = ["tests"]

[tool.covgate.diff-coverage]
target = 90
max-missing = 1

[[tool.covgate.diff-coverage.override]]
paths = ["shop/cart.py"]
target = 100
"""
PHASES = """\
[tool.covgate.coverage-target]
target = 70
floor = 50

[[tool.covgate.phases]]
date = 2026-03-01
target = 75

[[tool.covgate.phases]]
date = 2026-06-01
target = 80
"""
P = "pyproject.toml"

WEAKER = {
    "tox dash": ("tox.ini", TOX, edit(TOX, ("pytest", "- pytest")), 3),
    "tox dash, no space": ("tox.ini", TOX, edit(TOX, ("pytest", "-pytest")), 3),
    "tox threshold": ("tox.ini", TOX, edit(TOX, ("90", "1")), 3),
    "tox ignore_outcome": ("tox.ini", TOX, TOX + "ignore_outcome = true\n", 4),
    "tox command gone": (
        "tox.ini",
        TOX,
        edit(TOX, ("pytest --cov=shop --cov-fail-under=90", "true")),
        3,
    ),
    "tox environment": ("tox.ini", TOX, TOX + "set_env =\n    PYTEST_ADDOPTS = --no-cov\n", 3),
    "nox success_codes": (
        "noxfile.py",
        NOX,
        edit(NOX, ("*session.posargs", "success_codes=[0, 1]")),
        9,
    ),
    "nox threshold": ("noxfile.py", NOX, edit(NOX, ('"90"', '"9"')), 9),
    "nox session gone": ("noxfile.py", NOX, NOX.partition("@nox")[0], 9),
    "nox not by default": (
        "noxfile.py",
        NOX,
        edit(NOX, ("import nox", "import nox\nnox.options.sessions = ['lint']")),
        10,
    ),
    "make dash": ("Makefile", MAKE, edit(MAKE, ("@$(P", "-@$(P")), 6),
    "make || true": ("Makefile", MAKE, edit(MAKE, ("$(MIN)", "$(MIN) || true")), 6),
    "make variable": ("Makefile", MAKE, edit(MAKE, ("= 90", "= 9")), 6),
    "make ; true": ("Makefile", MAKE, edit(MAKE, ("$(MIN)", "$(MIN); true")), 6),
    "make -i": ("Makefile", MAKE, "MAKEFLAGS += -i\n" + MAKE, 7),
    "script": ("scripts/test.sh", SCRIPT, edit(SCRIPT, ("90", "9")), 3),
    "script without -e": ("scripts/test.sh", SCRIPT, edit(SCRIPT, ("set -e\n", "")) + "echo\n", 2),
    "codecov target": ("codecov.yml", CODECOV, edit(CODECOV, ("90%", "50%")), 5),
    "codecov threshold": ("codecov.yml", CODECOV, edit(CODECOV, ("1%", "30%")), 6),
    "codecov informational": (
        "codecov.yml",
        CODECOV,
        edit(CODECOV, ("95%", "95%\n        informational: true")),
        10,
    ),
    "codecov patch off": (
        "codecov.yml",
        CODECOV,
        edit(CODECOV, ("patch:\n      default:\n        target: 95%", "patch: off")),
        7,
    ),
    "codecov if_ci_failed": (
        "codecov.yml",
        CODECOV,
        edit(CODECOV, ("95%", "95%\n        if_ci_failed: success")),
        10,
    ),
    "codecov ignore": ("codecov.yml", CODECOV, CODECOV + '  - "shop/cart.py"\n', 12),
    "codecov target gone": (
        "codecov.yml",
        CODECOV,
        edit(CODECOV, ("        target: 95%\n", "        base: auto\n")),
        8,
    ),
    "sonar exclusions": (
        "sonar-project.properties",
        SONAR,
        edit(SONAR, ("docs/**", "docs/**,shop/c*.py")),
        2,
    ),
    "diff_cover fail_under": (P, DIFF_COVER, edit(DIFF_COVER, ("95", "50")), 2),
    "diff_cover fail_under gone": (P, DIFF_COVER, "[tool.diff_cover]\nquiet = true\n", 2),
    "diff_cover minimum_change": (P, DIFF_COVER, DIFF_COVER + "minimum_change = 100\n", 3),
    "diff_cover exclude": (P, DIFF_COVER, DIFF_COVER + 'exclude = ["shop/c*"]\n', 3),
    "covgate target": (P, OWN, edit(OWN, ("= 90", "= 50")), 5),
    "covgate target to the default": (P, OWN, edit(OWN, ("target = 90\n", "")), 5),
    "covgate max-missing": (P, OWN, edit(OWN, ("missing = 1", "missing = 5")), 6),
    "covgate max_missing": (P, OWN, edit(OWN, ("max-missing = 1", "max_missing = 5")), 6),
    "covgate level": (P, OWN, edit(OWN, ("= 90\n", '= 90\nlevel = "warning"\n')), 6),
    "covgate level of this rule": (
        P,
        OWN,
        OWN + '[tool.covgate.config-weakened]\nlevel = "off"\n',
        12,
    ),
    "covgate override": (P, OWN, edit(OWN, ("= 100", "= 10")), 10),
    "covgate new override": (
        P,
        OWN,
        OWN + '[[tool.covgate.diff-coverage.override]]\npaths = ["shop/slug.py"]\ntarget = 0\n',
        13,
    ),
    "covgate exclude": (P, OWN, edit(OWN, ("= 90\n", '= 90\nexclude = ["shop/c*"]\n')), 6),
    "covgate test-paths": (P, OWN, edit(OWN, ('["tests"]', '["tests/test_slug.py"]')), 2),
    "covgate pytest-args": (
        P,
        OWN,
        edit(OWN, ('["tests"]\n', '["tests"]\npytest-args = ["-m", "unit"]\n')),
        3,
    ),
    "covgate floor": (P, PHASES, edit(PHASES, ("floor = 50", "floor = 40")), 3),
    "covgate floor gone": (P, PHASES, edit(PHASES, ("floor = 50\n", "")), 3),
    "covgate phase lowered": (P, PHASES, edit(PHASES, ("= 80", "= 76")), 9),
    "covgate phase put off": (P, PHASES, edit(PHASES, ("2026-06-01", "2027-06-01")), 5),
    "covgate phase gone": (P, PHASES, PHASES.rpartition("[[")[0], 5),
}


@pytest.mark.parametrize(("path", "before", "after", "line"), WEAKER.values(), ids=WEAKER)
def test_a_weaker_gate_is_found(path: str, before: str, after: str, line: int) -> None:
    assert places(findings({path: before}, {path: after})) == [f"{path}:{line}"]


SILENT = {
    "tox continued": ("tox.ini", TOX, edit(TOX, ("shop --", "shop \\\n      --"))),
    "tox posargs": ("tox.ini", TOX, edit(TOX, ("=90", "=90 {posargs}"))),
    "tox another environment": (
        "tox.ini",
        TOX,
        TOX + "[testenv:docs]\ncommands = - sphinx-build\n",
    ),
    "nox formatted": ("noxfile.py", NOX, edit(NOX, ('"--cov=shop", ', '"--cov", "shop", "-q", '))),
    "nox list": ("noxfile.py", NOX, edit(NOX, ("*session.posargs", "success_codes=[0]"))),
    "make || exit 1": ("Makefile", MAKE, edit(MAKE, ("$(MIN)", "$(MIN) || exit 1"))),
    "make another dash": ("Makefile", MAKE, MAKE + "clean:\n\t-rm -rf build\n"),
    "make target renamed": ("Makefile", MAKE, edit(MAKE, ("test: build", "check: build"))),
    "script moved into a function": (
        "scripts/test.sh",
        SCRIPT,
        "#!/bin/sh\nset -e\nrun() {\n  pytest --cov=shop --cov-fail-under=90\n}\nrun\n",
    ),
    "codecov raised": ("codecov.yml", CODECOV, edit(CODECOV, ("90%", "95%"))),
    "codecov as number": ("codecov.yml", CODECOV, edit(CODECOV, ("90%", "90"))),
    "codecov comment": ("codecov.yml", CODECOV, "comment: false\n" + CODECOV),
    "codecov ignore tests": ("codecov.yml", CODECOV, CODECOV + '  - "tests"\n'),
    "sonar other keys": ("sonar-project.properties", SONAR, SONAR + "sonar.python.version=3.12\n"),
    "diff_cover quiet": (
        P,
        DIFF_COVER,
        DIFF_COVER + 'quiet = true\ncompare_branch = "origin/dev"\n',
    ),
    "covgate raised": (P, OWN, edit(OWN, ("= 90", "= 95"), ("missing = 1", "missing = 0"))),
    "covgate renamed keys": (
        P,
        OWN,
        edit(OWN, ("max-missing", "max_missing"), ("test-paths", "test_paths")),
    ),
    "covgate exclude nothing": (P, OWN, edit(OWN, ("= 90\n", '= 90\nexclude = ["gen/*"]\n'))),
    "covgate defaults spelled out": (P, OWN, OWN + '[tool.covgate.hollow-test]\nlevel = "error"\n'),
    "covgate stricter override": (
        P,
        OWN,
        OWN + '[[tool.covgate.diff-coverage.override]]\npaths = ["shop/slug.py"]\ntarget = 95\n',
    ),
    "covgate progress and timeout": (
        P,
        OWN,
        edit(OWN, ("[tool.covgate]\n", "[tool.covgate]\nprogress = true\ntimeout = 900\n")),
    ),
    "covgate phases raised": (
        P,
        PHASES,
        edit(PHASES, ("= 75", "= 78"), ("2026-06-01", "2026-05-01")),
    ),
    "covgate phase added": (
        P,
        PHASES,
        PHASES + "\n[[tool.covgate.phases]]\ndate = 2026-09-01\ntarget = 85\n",
    ),
    "poe task renamed": (
        P,
        "[tool.poe.tasks]\ntest = 'pytest --cov=shop'\n",
        "[tool.poe.tasks]\nunit = 'pytest --cov=shop'\n",
    ),
}


@pytest.mark.parametrize(("path", "before", "after"), SILENT.values(), ids=SILENT)
def test_a_gate_that_blocks_as_much_is_silent(path: str, before: str, after: str) -> None:
    assert findings({path: before}, {path: after}) == []


def test_commands_moved_from_make_to_tox_are_silent() -> None:
    assert findings({"Makefile": MAKE}, {"Makefile": None, "tox.ini": TOX}) == []


def test_a_live_waiver_that_names_the_key_allows_it() -> None:
    from datetime import UTC, datetime, timedelta

    def waiver(days: int, value: str = "fail_under", owner: str = "ann") -> str:
        expires = datetime.now(UTC).date() + timedelta(days=days)
        return (
            "\n[[tool.covgate.waiver]]\nrule = 'config-weakened'\nissue = '#12'\n"
            f"owner = '{owner}'\nvalue = '{value}'\nexpires = {expires}\n"
        )

    lowered = edit(PYPROJECT, ("= 90", "= 80"))

    assert findings({P: PYPROJECT}, {P: lowered + waiver(30)}) == []
    assert findings({P: PYPROJECT}, {P: lowered + waiver(-2)})
    assert findings({P: PYPROJECT}, {P: lowered + waiver(120)})
    assert findings({P: PYPROJECT}, {P: lowered + waiver(30, value="omit")})
    assert findings({P: PYPROJECT}, {P: lowered + waiver(30, owner="")})


def test_a_merge_takes_what_one_parent_has() -> None:
    from weakened_project import change_of

    from covgate.config.model import Simple
    from covgate.rules.config_weakened import find

    ours = {**BASE, P: PYPROJECT}
    theirs = {**BASE, P: edit(PYPROJECT, ("= 90", "= 80"))}
    evil = {**BASE, P: edit(PYPROJECT, ("= 90", "= 70"))}

    assert find(change_of([ours, theirs], theirs), Simple()) == []
    assert places(find(change_of([ours, theirs], evil), Simple())) == ["pyproject.toml:13"]
