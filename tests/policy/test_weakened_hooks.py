"""Hooks of the gate that are gone or cannot block are found; other edits are silent."""

from __future__ import annotations

import pytest
from weakened_project import HOOKS, HOOKS_PATH, edit, findings, places

DIFF = "entry: diff-cover coverage.xml --fail-under=90"
TESTS = "entry: pytest --cov=shop --cov-fail-under=90"
DIFF_HOOK = HOOKS[HOOKS.index("      - id: diff-coverage") :]

WEAKER = {
    "removed": (edit(HOOKS, (DIFF_HOOK, "")), 15),
    "threshold": (edit(HOOKS, (DIFF, DIFF.replace("90", "50"))), 15),
    "threshold gone": (edit(HOOKS, (DIFF, DIFF.replace(" --fail-under=90", ""))), 15),
    "total threshold": (edit(HOOKS, (TESTS, TESTS.replace("90", "0"))), 10),
    "|| true": (
        edit(HOOKS, (DIFF, "entry: bash -c 'diff-cover coverage.xml --fail-under=90 || true'")),
        15,
    ),
    "; true": (
        edit(HOOKS, (DIFF, "entry: sh -c 'diff-cover coverage.xml --fail-under=90; true'")),
        15,
    ),
    "stages manual": (edit(HOOKS, (DIFF, f"{DIFF}\n        stages: [manual]")), 16),
    "stages commit-msg": (edit(HOOKS, (DIFF, f"{DIFF}\n        stages: [commit-msg]")), 16),
    "default_stages": ("default_stages: [manual]\n" + HOOKS, 1),
    "exclude everything": (edit(HOOKS, (DIFF, f"{DIFF}\n        exclude: .*")), 16),
    "exclude some": (edit(HOOKS, (DIFF, f"{DIFF}\n        exclude: ^shop/c")), 16),
    "files nothing": (edit(HOOKS, (DIFF, f"{DIFF}\n        files: ^$")), 16),
    "types": (edit(HOOKS, ("types: [python]", "types: [rst]")), 12),
    "entry true": (edit(HOOKS, (DIFF, 'entry: "true"')), 15),
    "entry echo": (edit(HOOKS, (DIFF, "entry: echo diff-cover")), 15),
    "collect-only": (edit(HOOKS, (TESTS, f"{TESTS} --collect-only")), 10),
    "-k": (edit(HOOKS, (TESTS, f"{TESTS} -k slug")), 10),
    "--no-cov": (edit(HOOKS, (TESTS, f"{TESTS} --no-cov")), 10),
    "ci skip": ("ci:\n  skip: [diff-coverage]\n" + HOOKS, 2),
    "does not parse": (HOOKS + "  - [\n", 19),
    "file emptied": ("repos: []\n", 10),
}


@pytest.mark.parametrize(("after", "line"), WEAKER.values(), ids=WEAKER)
def test_a_weaker_hook_is_found(after: str, line: int) -> None:
    found = findings({HOOKS_PATH: HOOKS}, {HOOKS_PATH: after})

    assert f"{HOOKS_PATH}:{line}" in places(found)


SILENT = {
    "another hook removed": edit(
        HOOKS, (HOOKS[HOOKS.index("  - repo: https") : HOOKS.index("  - repo: local")], "")
    ),
    "threshold raised": edit(HOOKS, (DIFF, DIFF.replace("90", "95"))),
    "args apart": edit(
        HOOKS, (DIFF, "entry: diff-cover\n        args: [coverage.xml, --fail-under=90]")
    ),
    "args on lines": edit(
        HOOKS,
        (
            DIFF,
            "entry: diff-cover coverage.xml\n        args:\n        - --fail-under\n        - '90'",
        ),
    ),
    "renamed": edit(HOOKS, ("name: diff coverage", "name: cover"), ("id: diff-coverage", "id: dc")),
    "through uv": edit(HOOKS, (TESTS, TESTS.replace("pytest", "uv run pytest"))),
    "python -m": edit(HOOKS, (TESTS, TESTS.replace("pytest", "python -m pytest"))),
    "in a shell": edit(HOOKS, (DIFF, "entry: bash -c 'diff-cover coverage.xml --fail-under=90'")),
    "in a shell with exit": edit(
        HOOKS, (DIFF, "entry: bash -c 'diff-cover coverage.xml --fail-under=90 || exit 1'")
    ),
    "stages commit and push": edit(
        HOOKS, (DIFF, f"{DIFF}\n        stages: [pre-commit, pre-push]")
    ),
    "exclude docs": edit(HOOKS, (DIFF, f"{DIFF}\n        exclude: ^docs/")).replace(
        "^docs/", "^docs/.*[.]rst$"
    ),
    "reordered": edit(HOOKS, (DIFF_HOOK, "")).replace(
        "    hooks:\n      - id: tests", f"    hooks:\n{DIFF_HOOK}      - id: tests"
    ),
    "a hook added": HOOKS
    + "      - id: mypy\n        name: mypy\n        entry: mypy\n        language: system\n",
    "always_run": edit(HOOKS, (DIFF, f"{DIFF}\n        always_run: true")),
    "verbose, fail_fast": "fail_fast: true\n"
    + edit(HOOKS, (DIFF, f"{DIFF}\n        verbose: true")),
    "formatted": edit(HOOKS, ("repos:\n", "# hooks\nrepos:\n"), ("[python]", '["python"]')),
}


@pytest.mark.parametrize("after", SILENT.values(), ids=SILENT)
def test_a_hook_that_blocks_as_much_is_silent(after: str) -> None:
    assert findings({HOOKS_PATH: HOOKS}, {HOOKS_PATH: after}) == []


def test_hooks_moved_to_prek_are_silent() -> None:
    prek = """\
[[repos]]
repo = "local"

[[repos.hooks]]
id = "tests"
name = "tests"
entry = "pytest --cov=shop --cov-fail-under=90"
language = "system"

[[repos.hooks]]
id = "diff-coverage"
name = "diff coverage"
entry = "diff-cover coverage.xml --fail-under=90"
language = "system"
"""
    moved = findings({HOOKS_PATH: HOOKS}, {HOOKS_PATH: None, "prek.toml": prek})
    weaker = findings(
        {HOOKS_PATH: HOOKS}, {HOOKS_PATH: None, "prek.toml": prek.replace("r=90", "r=9")}
    )

    assert moved == []
    assert places(weaker) == ["prek.toml:7", "prek.toml:13"]


def test_covgates_own_hooks() -> None:
    def hooks(*ids: str, extra: str = "") -> str:
        lines = "".join(f"      - id: {name}\n{extra}" for name in ids)
        return f"repos:\n  - repo: https://github.com/x/covgate\n    rev: v1\n    hooks:\n{lines}"

    three = hooks("impacted-tests", "diff-coverage", "skip-reasons")

    assert findings({HOOKS_PATH: three}, {HOOKS_PATH: hooks("covgate")}) == []
    assert len(findings({HOOKS_PATH: hooks("covgate")}, {HOOKS_PATH: hooks("skip-reasons")})) == 1
    assert (
        len(
            findings(
                {HOOKS_PATH: three},
                {HOOKS_PATH: hooks("covgate", extra="        stages: [manual]\n")},
            )
        )
        >= 1
    )


def test_a_hook_moved_to_ci_is_silent() -> None:
    workflow = """\
on: [pull_request]
jobs:
  cover:
    steps:
      - run: diff-cover coverage.xml --fail-under=90
"""
    found = findings(
        {HOOKS_PATH: HOOKS},
        {HOOKS_PATH: edit(HOOKS, (DIFF_HOOK, "")), ".github/workflows/cover.yml": workflow},
    )

    assert found == []
