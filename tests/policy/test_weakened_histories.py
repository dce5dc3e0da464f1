"""Harmless commits of real projects that were reported once: runners changed, tests added."""

from __future__ import annotations

from weakened_project import BASE, HOOKS, HOOKS_PATH, PYPROJECT, edit, findings

P = "pyproject.toml"
CI = """\
on: [push, pull_request]
jobs:
  test:
    steps:
      - name: Test with pytest
        run: pytest --cov=shop
"""
PATH = ".github/workflows/ci.yml"
TOX = "[testenv]\ncommands = pytest\n"


def test_a_step_that_calls_a_task_runner_instead() -> None:
    hatch = edit(
        CI, ("Test with pytest", "Test and coverage"), ("pytest --cov=shop", "hatch run cov")
    )

    assert findings({PATH: CI}, {PATH: hatch}) == []


def test_a_makefile_that_calls_a_task_runner_instead() -> None:
    before = "test:\n\ttox\n\ncoverage:\n\tpytest --cov=shop\n"
    after = "test:\n\tpixi run test-all\n\ncoverage:\n\tpixi run -e py311 coverage\n"

    assert findings({"Makefile": before}, {"Makefile": after}) == []


def test_a_runner_that_ci_does_not_call_is_nobodys_gate() -> None:
    assert findings({PATH: CI, "tox.ini": TOX}, {"tox.ini": None}) == []
    assert findings({"tox.ini": TOX}, {"tox.ini": None})
    tox = edit(CI, ("pytest --cov=shop", "tox"))
    assert findings({PATH: tox, "tox.ini": TOX}, {"tox.ini": "[testenv]\ncommands = true\n"})


def test_hooks_run_by_a_command_instead_of_an_action() -> None:
    path = ".github/workflows/lint.yml"
    before = "on: push\njobs:\n  main:\n    steps:\n    - uses: pre-commit/action@v3\n"
    after = edit(before, ("uses: pre-commit/action@v3", "run: uv run pre-commit run --all-files"))

    assert findings({HOOKS_PATH: HOOKS, path: before}, {path: after}) == []
    assert findings(
        {HOOKS_PATH: HOOKS, path: before}, {path: edit(after, ("run: uv", "run: echo uv"))}
    )


def test_running_hooks_is_no_gate_without_a_gate_among_them() -> None:
    path = ".github/workflows/lint.yml"
    ruff = "repos:\n  - repo: https://github.com/x/ruff\n    hooks:\n      - id: ruff\n"
    before = "on: push\njobs:\n  main:\n    steps:\n    - run: prek run --all-files\n"

    assert findings({HOOKS_PATH: ruff, path: before}, {path: None}) == []


def test_a_marker_that_leaves_out_new_tests_only() -> None:
    stress = "import pytest\n\n@pytest.mark.stress\ndef test_load():\n    assert True\n"
    after = edit(PYPROJECT, ("--cov-report=term", "-m 'not stress'"))
    old = BASE["tests/test_cart.py"].replace("def", "@pytest.mark.stress\ndef")

    assert findings({P: PYPROJECT}, {P: after, "tests/test_stress.py": stress}) == []
    assert findings({P: PYPROJECT}, {P: after, "tests/test_cart.py": old})
