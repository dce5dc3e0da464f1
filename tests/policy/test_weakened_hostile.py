"""Ways around the gate that were tried on purpose; those that still get through are listed too."""

from __future__ import annotations

from typing import Literal

import pytest
from weakened_project import (
    BASE,
    HOOKS,
    HOOKS_PATH,
    PYPROJECT,
    WORKFLOW,
    WORKFLOW_PATH,
    change_of,
    edit,
    findings,
)

from covgate.config.model import Simple
from covgate.rules.config_weakened import find

P = "pyproject.toml"
RUN = "run: pytest --cov=shop --cov-report=xml --cov-fail-under=90"
PYTEST = RUN.removeprefix("run: ")
STEP = "      - name: tests\n"
ON = "[push, pull_request]"
CALL = "on: push\njobs:\n  t:\n    steps:\n      - run: make test\n"
MAKE = "test:\n\tpytest --cov=shop --cov-fail-under=90\n"
TOX = """\
[tox]
envlist = py311,cover
[testenv]
commands =
    pytest
[testenv:cover]
commands =
    pytest --cov=shop --cov-fail-under=90
"""
CODECOV = "coverage:\n  status:\n    project:\n      default:\n        target: 90%\n"


OURS = """\
repos:
  - repo: https://example.org/covgate
    rev: v1.2.0
    hooks:
      - id: covgate
"""
HOOKED = WORKFLOW + "      - name: hooks\n        run: pre-commit run --all-files\n"
GATED = PYPROJECT + "[tool.covgate.diff-coverage]\ntarget = 95\n"


def ours(*words: str) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return a change that gives the hook of covgate more keys."""
    more = "".join(f"        {word}\n" for word in words)
    return {P: GATED, HOOKS_PATH: OURS}, {HOOKS_PATH: OURS + more}


def hooked(*changes: tuple[str, str]) -> tuple[dict[str, str], dict[str, str | None]]:
    before = {P: GATED, HOOKS_PATH: OURS, WORKFLOW_PATH: HOOKED}
    return before, {WORKFLOW_PATH: edit(HOOKED, *changes)}


def table(old: str, new: str) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return a change of covgate's settings where its hook runs."""
    top = "[tool.covgate]\n" if "verify" in old + new else ""
    return {P: f"{PYPROJECT}{top}{old}\n", HOOKS_PATH: OURS}, {P: f"{PYPROJECT}{top}{new}\n"}


CART_90 = "[[tool.covgate.component]]\nname = 'cart'\npaths = ['shop/cart.py']\ntarget = 90\n"
SHOP_50 = "[[tool.covgate.component]]\nname = 'shop'\npaths = ['shop']\ntarget = 50\n"


def block(*lines: str) -> str:
    return "run: |\n" + "\n".join(f"          {line}" for line in lines)


def workflow(*changes: tuple[str, str]) -> tuple[dict[str, str], dict[str, str | None]]:
    return {WORKFLOW_PATH: WORKFLOW}, {WORKFLOW_PATH: edit(WORKFLOW, *changes)}


CAUGHT: dict[str, tuple[dict[str, str], dict[str, str | None]]] = {
    "alias": workflow((RUN, block("alias pytest=true", PYTEST))),
    "function of that name": workflow((RUN, block("pytest() { true; }", PYTEST))),
    "exec before it": workflow((RUN, block("exec true", PYTEST))),
    "condition as text": workflow((STEP, f"{STEP}        if: 'false'\n")),
    "condition turned around": workflow((STEP, STEP + "        if: ${{ !always() }}\n")),
    "only after a failure": workflow((STEP, f"{STEP}        if: failure()\n")),
    "an unknown condition": workflow((STEP, f"{STEP}        if: vars.RUN == 'yes'\n")),
    "soft on pull requests": workflow(
        (STEP, STEP + "        continue-on-error: ${{ github.event_name == 'pull_request' }}\n")
    ),
    "needs a dead job": workflow(
        ("  test:\n", "  never:\n    if: false\n    steps: []\n  test:\n    needs: [never]\n")
    ),
    "a branch that does not exist": workflow((ON, "{push: {branches: [never]}}")),
    "Python files ignored": workflow((ON, "\n  pull_request:\n    paths-ignore: ['**.py']")),
    "closed pull requests": workflow((ON, "\n  pull_request:\n    types: [closed]")),
    "another pytest configuration": (
        {WORKFLOW_PATH: WORKFLOW, "ci/x.ini": "[pytest]\naddopts = -k slug\n"},
        {WORKFLOW_PATH: edit(WORKFLOW, (RUN, f"{RUN} -c ci/x.ini"))},
    ),
    "another coverage configuration": (
        {WORKFLOW_PATH: WORKFLOW, P: PYPROJECT},
        {WORKFLOW_PATH: edit(WORKFLOW, (RUN, f"{RUN} --cov-config=/dev/null"))},
    ),
    "COVERAGE_RCFILE": (
        {WORKFLOW_PATH: WORKFLOW, P: PYPROJECT},
        {
            WORKFLOW_PATH: edit(
                WORKFLOW, (STEP, STEP + "        env: {COVERAGE_RCFILE: /dev/null}\n")
            )
        },
    ),
    "a second recipe": ({"Makefile": MAKE}, {"Makefile": MAKE + "test:\n\ttrue\n"}),
    "GNUmakefile": ({"Makefile": MAKE}, {"GNUmakefile": "test:\n\ttrue\n"}),
    "make -n": ({WORKFLOW_PATH: CALL}, {WORKFLOW_PATH: edit(CALL, ("make", "make -n"))}),
    "tox envlist": ({"tox.ini": TOX}, {"tox.ini": edit(TOX, ("py311,cover", "py311"))}),
    "prek.toml beside the hooks": ({HOOKS_PATH: HOOKS}, {"prek.toml": "repos = []\n"}),
    "environment in the entry": (
        {HOOKS_PATH: HOOKS},
        {HOOKS_PATH: edit(HOOKS, ("entry: pytest", "entry: env PYTEST_ADDOPTS=--no-cov pytest"))},
    ),
    "pygrep": (
        {HOOKS_PATH: HOOKS},
        {
            HOOKS_PATH: edit(
                HOOKS, ("language: system\n        types", "language: pygrep\n        types")
            )
        },
    ),
    "--version": (
        {HOOKS_PATH: HOOKS},
        {HOOKS_PATH: edit(HOOKS, ("diff-cover coverage.xml", "diff-cover coverage.xml --version"))},
    ),
    "an expression over the whole file": (
        {P: PYPROJECT},
        {P: PYPROJECT + "exclude_also = ['(?s)\\A.*\\Z']\n"},
    ),
    "fail_under is no number": ({P: PYPROJECT}, {P: edit(PYPROJECT, ("= 90", "= nan"))}),
    "a misspelled table": (
        {P: PYPROJECT},
        {P: edit(PYPROJECT, ("[tool.coverage.report]", "[tool.coverage.raport]"))},
    ),
    "codecov.yml before .github": (
        {".github/codecov.yml": CODECOV},
        {"codecov.yml": "comment: off\n"},
    ),
    "codecov paths": (
        {"codecov.yml": CODECOV},
        {"codecov.yml": CODECOV + "        paths: [shop/slug.py]\n"},
    ),
    "covgate in setup.cfg": (
        {"setup.cfg": "[covgate:diff-coverage]\ntarget = 95\n"},
        {"setup.cfg": "[covgate:diff-coverage]\ntarget = 5\n"},
    ),
    "covgate.toml before pyproject": (
        {P: PYPROJECT + "[tool.covgate.diff-coverage]\ntarget = 95\n"},
        {P: PYPROJECT, "covgate.toml": "[diff-coverage]\ntarget = 50\n"},
    ),
    "workflow put aside": (
        {WORKFLOW_PATH: WORKFLOW},
        {WORKFLOW_PATH: None, f"{WORKFLOW_PATH}.off": WORKFLOW},
    ),
    "the script that CI calls": (
        {
            WORKFLOW_PATH: edit(CALL, ("make test", "./scripts/test.sh")),
            "scripts/test.sh": f"set -e\n{PYTEST}\n",
        },
        {"scripts/test.sh": "set -e\necho ok\n"},
    ),
    "our hook with fewer rules": ours("args: [--only, skip-without-reason]"),
    "our hook with a low target": ours("args: [--target, '10']"),
    "our hook that only helps": ours("args: [--help]"),
    "our hook with another command": ours("entry: covgate status"),
    "hooks of another stage": hooked(("--all-files", "--all-files --hook-stage manual")),
    "one hook of many": hooked(("run --all-files", "run ruff --all-files")),
    "hooks of another file": hooked(("--all-files", "--all-files -c other.yaml")),
    "a day that stays": hooked(
        (
            "      - name: hooks\n",
            "      - name: hooks\n        env: {COVGATE_TODAY: '2020-01-01'}\n",
        )
    ),
    "a shell that runs nothing": workflow((STEP, STEP + "        shell: 'true {0}'\n")),
    "diff-cover without the package": workflow(("=95", "=95 --exclude 'shop/*'")),
    "diff-cover for documents": workflow(("=95", "=95 --include 'docs/*'")),
    "one file of tests for covgate": (
        {P: GATED},
        {P: GATED + "[tool.covgate]\npytest-args = ['tests/test_slug.py']\n"},
    ),
    "other settings of pytest for covgate": (
        {P: GATED, "x.ini": "[pytest]\naddopts = -k slug\n"},
        {P: GATED + "[tool.covgate]\npytest-args = ['-c', 'x.ini']\n"},
    ),
    "an empty expression": ({P: PYPROJECT}, {P: PYPROJECT + "exclude_also = ['']\n"}),
    "a heredoc": workflow((RUN, block("cat <<EOF", PYTEST, "EOF"))),
    "only on schedules": (
        {".gitlab-ci.yml": "t:\n  script: [pytest]\n"},
        {".gitlab-ci.yml": "t:\n  script: [pytest]\n  only: [schedules]\n"},
    ),
    "the whole pipeline": (
        {".gitlab-ci.yml": "t:\n  script: [pytest]\n"},
        {".gitlab-ci.yml": "workflow:\n  rules: [{when: never}]\nt:\n  script: [pytest]\n"},
    ),
    "an older covgate": (
        {P: GATED, HOOKS_PATH: OURS},
        {HOOKS_PATH: edit(OURS, ("v1.2.0", "v0.1.0"))},
    ),
    "fewer self-checks": table("verify = 0.05", "verify = 0.01"),
    "a longer suite": table(
        "[tool.covgate.suite-budget]\nmax-total = '1m30s'",
        "[tool.covgate.suite-budget]\nmax-total = '2h'",
    ),
    "no issue asked for": table(
        "[tool.covgate.skip-without-reason]\nissue-pattern = '#[0-9]+'", ""
    ),
    "any issue": table(
        "[tool.covgate.skip-without-reason]\nissue-pattern = '#[0-9]+'",
        "[tool.covgate.skip-without-reason]\nissue-pattern = '.*'",
    ),
    "print asserts": table("", "[tool.covgate.hollow-test]\nassert-helpers = ['print']"),
    "all files excluded": table("", "[tool.covgate.diff-coverage]\nexclude = ['**']"),
    "a rule off where covgate had no settings": (
        {P: PYPROJECT, HOOKS_PATH: OURS},
        {P: PYPROJECT + "[tool.covgate.hollow-test]\nlevel = 'off'\n"},
    ),
    "a component of other files": table(CART_90, CART_90.replace("cart", "slug")),
    "a lower component carved out": table(SHOP_50, SHOP_50 + CART_90.replace("90", "10")),
    "a lower floor carved out": table(
        "[tool.covgate.coverage-floor]\nfloor = 50",
        "[tool.covgate.coverage-floor]\nfloor = 50\n" + CART_90.replace("target = 90", "floor = 1"),
    ),
    "no components": table(CART_90, ""),
    "a component in setup.cfg": (
        {P: PYPROJECT, "setup.cfg": "[covgate:component:a]\npaths = shop\ntarget = 90\n"},
        {"setup.cfg": "[covgate:component:a]\npaths = shop\ntarget = 80\n"},
    ),
    "collect_ignore": (
        {P: PYPROJECT},
        {"conftest.py": "collect_ignore = ['tests/test_cart.py']\n"},
    ),
    "collect_ignore_glob": (
        {P: PYPROJECT},
        {"tests/conftest.py": "collect_ignore_glob = []\ncollect_ignore_glob.append('test_c*')\n"},
    ),
    "not for pull requests": (
        {WORKFLOW_PATH: edit(WORKFLOW, (ON, "{push: {branches: [main]}, pull_request: {}}"))},
        {WORKFLOW_PATH: edit(WORKFLOW, (ON, "{push: {branches: [main]}}"))},
    ),
    "warnings that pass": (
        {
            P: edit(
                PYPROJECT,
                ("testpaths", 'filterwarnings = ["error", "ignore::ImportWarning"]\ntestpaths'),
            )
        },
        {P: PYPROJECT},
    ),
    "tests without parameters": (
        {
            P: edit(
                PYPROJECT, ("testpaths", 'empty_parameter_set_mark = "fail_at_collect"\ntestpaths')
            )
        },
        {P: PYPROJECT},
    ),
}


@pytest.mark.parametrize(("before", "after"), CAUGHT.values(), ids=CAUGHT)
def test_a_way_around_is_found(before: dict[str, str], after: dict[str, str | None]) -> None:
    assert findings(before, after)


def test_a_module_moved_to_where_omit_hides_it_is_a_warning() -> None:
    config = {P: PYPROJECT + 'omit = ["shop/legacy/*"]\n'}
    (found,) = findings(
        config,
        {"shop/legacy/cart.py": BASE["shop/cart.py"]},
        {"shop/legacy/cart.py": "shop/cart.py"},
    )

    assert (found.path, found.severity) == ("shop/legacy/cart.py", "warning")


# Known to get through: what a static comparison of configuration cannot see. They are here so
# that a change of this list is a decision.
THROUGH: dict[str, tuple[dict[str, str], dict[str, str | None]]] = {
    "another program of that name": workflow(
        (RUN, block("ln -s /bin/true pytest", f"PATH=.:$PATH {PYTEST}"))
    ),
    "another folder": workflow((RUN, block("cd docs", PYTEST))),
    "an included makefile": (
        {"Makefile": MAKE},
        {"Makefile": MAKE + "include x.mk\n", "x.mk": "test:\n\ttrue\n"},
    ),
    "TOX_SKIP_ENV": (
        {"tox.ini": TOX, WORKFLOW_PATH: edit(CALL, ("make test", "tox"))},
        {
            WORKFLOW_PATH: edit(
                CALL, ("run: make test", "run: tox\n        env: {TOX_SKIP_ENV: cover}")
            )
        },
    ),
    "a pytest plugin": ({P: PYPROJECT}, {P: edit(PYPROJECT, ("--cov-report=term", "-p evil"))}),
    "a coverage plugin": (
        {P: PYPROJECT},
        {P: edit(PYPROJECT, ("branch = true", "branch = true\nplugins = ['evil']"))},
    ),
    "less precision": ({P: PYPROJECT + "precision = 2\n"}, {P: PYPROJECT}),
    "SKIP through GITHUB_ENV": hooked(
        (
            "      - name: hooks\n",
            "      - run: echo SKIP=covgate >> $GITHUB_ENV\n      - name: hooks\n",
        )
    ),
    "a fork of covgate": (
        {P: GATED, HOOKS_PATH: OURS},
        {HOOKS_PATH: edit(OURS, ("example.org", "example.com"))},
    ),
    "past the hooks by make": (
        {"Makefile": MAKE},
        {"Makefile": MAKE + "commit:\n\tgit commit --no-verify\n"},
    ),
    "another interpreter": (
        {P: GATED},
        {P: GATED + "[tool.covgate]\npython = 'other/bin/python'\n"},
    ),
    "an empty matrix": workflow(("    runs-on", "    strategy: {matrix: {os: []}}\n    runs-on")),
}


@pytest.mark.parametrize(("before", "after"), THROUGH.values(), ids=THROUGH)
def test_a_way_around_that_is_known_to_get_through(
    before: dict[str, str], after: dict[str, str | None]
) -> None:
    assert findings(before, after) == []


KEPT: dict[str, tuple[dict[str, str], dict[str, str | None]]] = {
    "our hook with a higher target": ours("args: [--target, '99']"),
    "our hook that says more": ours("args: [--verbose]"),
    "hooks that show what they change": hooked(("--all-files", "-a --show-diff-on-failure")),
    "diff-cover without tests": workflow(("=95", "=95 --exclude 'tests/*'")),
    "more self-checks": table("verify = 0.01", "verify = 0.05"),
    "the same time otherwise": table(
        "[tool.covgate.suite-budget]\nmax-total = '1m30s'",
        "[tool.covgate.suite-budget]\nmax_total = 90",
    ),
    "a pattern for issues": table(
        "", "[tool.covgate.skip-without-reason]\nissue-pattern = '#[0-9]+'"
    ),
    "a helper that asserts": table(
        "", "[tool.covgate.hollow-test]\nassert-helpers = ['check_slug']"
    ),
    "components in another order": table(CART_90 + SHOP_50, SHOP_50 + CART_90),
    "a component with another name": table(CART_90, CART_90.replace("'cart'", "'basket'")),
    "a component of files that are gone": (
        {P: PYPROJECT + CART_90, HOOKS_PATH: OURS},
        {P: PYPROJECT, "shop/cart.py": None},
    ),
    "settings that begin with the hook": (
        {P: PYPROJECT},
        {P: PYPROJECT + "[tool.covgate.hollow-test]\nlevel = 'off'\n", HOOKS_PATH: OURS},
    ),
    "a newer covgate": (
        {P: GATED, HOOKS_PATH: OURS},
        {HOOKS_PATH: edit(OURS, ("v1.2.0", "v1.10.0"))},
    ),
    "covgate by commit": (
        {P: GATED, HOOKS_PATH: OURS},
        {HOOKS_PATH: edit(OURS, ("v1.2.0", "1f2e3d  # frozen: v1.3.0"))},
    ),
    "every push": workflow((ON, "push")),
    "pull requests elsewhere": (
        {WORKFLOW_PATH: WORKFLOW},
        {
            WORKFLOW_PATH: edit(WORKFLOW, (ON, "{push: {branches: [main]}}")),
            ".github/workflows/pr.yml": WORKFLOW,
        },
    ),
    "a new file that is ignored": (
        {P: PYPROJECT},
        {
            "conftest.py": "collect_ignore = ['setup.py', 'tests/test_new.py']\n",
            "tests/test_new.py": "",
        },
    ),
    "ignored on a platform": (
        {P: PYPROJECT},
        {
            "conftest.py": "import sys\ncollect_ignore = []\nif sys.platform == 'win32':\n    collect_ignore.append('tests/test_cart.py')\n"
        },
    ),
    "more warnings that fail": (
        {P: PYPROJECT},
        {P: edit(PYPROJECT, ("testpaths", 'filterwarnings = ["error"]\ntestpaths'))},
    ),
    "a quiet pytest": ({P: GATED}, {P: GATED + "[tool.covgate]\npytest-args = ['-q']\n"}),
}


@pytest.mark.parametrize(("before", "after"), KEPT.values(), ids=KEPT)
def test_what_looks_like_a_way_around_is_none(
    before: dict[str, str], after: dict[str, str | None]
) -> None:
    assert findings(before, after) == []


@pytest.mark.parametrize(
    ("said", "now", "expected"),
    [
        ("", "off", "error"),
        ("", "warning", "error"),
        ("warning", "off", "warning"),
        ("off", "off", None),
        (None, "off", None),
    ],
    ids=["off", "less", "from warning to off", "off before", "no settings before"],
)
def test_a_change_is_judged_by_the_level_before_it(
    said: str | None, now: Literal["off", "warning"], expected: str | None
) -> None:
    level = f'[tool.covgate.config-weakened]\nlevel = "{said}"\n' if said else ""
    old = PYPROJECT if said is None else f"{GATED}{level}"
    new = edit(old, ("fail_under = 90", "fail_under = 1")).replace(level, "")
    change = change_of({P: old}, {P: f'{new}[tool.covgate.config-weakened]\nlevel = "{now}"\n'})
    found = find(change, Simple(level=now))
    assert {finding.severity for finding in found} == ({expected} if expected else set())
