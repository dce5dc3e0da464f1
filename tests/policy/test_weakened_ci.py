"""CI steps of the gate that are gone or cannot block are found; rewritten ones are silent."""

from __future__ import annotations

import pytest
from weakened_project import WORKFLOW, WORKFLOW_PATH, edit, findings, places

RUN = "run: pytest --cov=shop --cov-report=xml --cov-fail-under=90"
PYTEST = RUN.removeprefix("run: ")
DIFF = "run: diff-cover coverage.xml --compare-branch=origin/main --fail-under=95"
STEP = "      - name: tests\n"


def block(*lines: str, style: str = "|") -> str:
    return f"run: {style}\n" + "\n".join(f"          {line}" for line in lines)


WEAKER = {
    "|| true": (edit(WORKFLOW, (RUN, f"{RUN} || true")), 10),
    "|| echo": (edit(WORKFLOW, (RUN, f"{RUN} || echo failed")), 10),
    "|| :": (edit(WORKFLOW, (RUN, f"{RUN} || :")), 10),
    "exit 0 before it": (edit(WORKFLOW, (RUN, block("exit 0", PYTEST))), 12),
    "set +e": (edit(WORKFLOW, (RUN, block("set +e", PYTEST, "echo done"))), 12),
    "a pipe": (edit(WORKFLOW, (RUN, f"{RUN} | tee log")), 10),
    "background": (edit(WORKFLOW, (RUN, block(f"{PYTEST} &", "sleep 1"))), 11),
    "! turns it around": (edit(WORKFLOW, (RUN, f"run: '! {PYTEST}'")), 10),
    "if around it": (edit(WORKFLOW, (RUN, block(f"if ! {PYTEST}; then", "  echo bad", "fi"))), 11),
    "false &&": (edit(WORKFLOW, (RUN, f"run: false && {PYTEST}")), 10),
    "echo in front": (edit(WORKFLOW, (RUN, f"run: echo {PYTEST}")), 10),
    "commented out": (edit(WORKFLOW, (RUN, block(f"# {PYTEST}", "true"))), 10),
    "step removed": (edit(WORKFLOW, (STEP, ""), (f"        {RUN}\n", "")), 10),
    "threshold": (edit(WORKFLOW, ("under=90", "under=80")), 10),
    "threshold gone": (edit(WORKFLOW, (" --cov-fail-under=90", "")), 10),
    "diff threshold": (edit(WORKFLOW, ("under=95", "under=1")), 12),
    "diff threshold in a block": (
        edit(WORKFLOW, (DIFF, block("diff-cover coverage.xml \\", "  --fail-under=1"))),
        14,
    ),
    "compare branch": (edit(WORKFLOW, ("origin/main", "HEAD")), 12),
    "minimum change": (
        edit(WORKFLOW, ("--fail-under=95", "--fail-under=95 --minimum-change 99")),
        12,
    ),
    "--no-cov": (edit(WORKFLOW, (RUN, f"{RUN} --no-cov")), 10),
    "fewer tests": (edit(WORKFLOW, (RUN, f"{RUN} tests/test_slug.py")), 10),
    "-k": (edit(WORKFLOW, (RUN, f"{RUN} -k slug")), 10),
    "--cov narrowed": (edit(WORKFLOW, ("--cov=shop ", "--cov=shop.slug ")), 10),
    "continue-on-error on the step": (
        edit(WORKFLOW, (STEP, f"{STEP}        continue-on-error: true\n")),
        10,
    ),
    "continue-on-error as expression": (
        edit(WORKFLOW, (STEP, STEP + "        continue-on-error: ${{ true }}\n")),
        10,
    ),
    "continue-on-error on the job": (
        edit(WORKFLOW, ("    runs-on", "    continue-on-error: true\n    runs-on")),
        5,
    ),
    "if: false": (edit(WORKFLOW, (STEP, f"{STEP}        if: false\n")), 10),
    "if: ${{ false }} on the job": (
        edit(WORKFLOW, ("    runs-on", "    if: ${{ false }}\n    runs-on")),
        5,
    ),
    "if: never on pull requests": (
        edit(WORKFLOW, (STEP, STEP + "        if: github.event_name == 'schedule'\n")),
        10,
    ),
    "if: tags only": (
        edit(WORKFLOW, (STEP, STEP + "        if: startsWith(github.ref, 'refs/tags/')\n")),
        10,
    ),
    "by hand only": (edit(WORKFLOW, ("[push, pull_request]", "workflow_dispatch")), 2),
    "PYTEST_ADDOPTS": (
        edit(WORKFLOW, (STEP, f"{STEP}        env:\n          PYTEST_ADDOPTS: --no-cov\n")),
        11,
    ),
    "shell without -e": (
        edit(WORKFLOW, (RUN, f"shell: bash {{0}}\n        {block(PYTEST, 'echo done')}")),
        12,
    ),
    "trap": (edit(WORKFLOW, (RUN, block("trap 'exit 0' EXIT", PYTEST))), 12),
    "threshold from the environment": (
        edit(WORKFLOW, ("jobs:", "env:\n  MIN: '10'\njobs:"), ("under=90", "under=$MIN")),
        12,
    ),
    "does not parse": (edit(WORKFLOW, ("jobs:", "jobs: [")), 5),
}


@pytest.mark.parametrize(("after", "line"), WEAKER.values(), ids=WEAKER)
def test_a_weaker_step_is_found(after: str, line: int) -> None:
    found = findings({WORKFLOW_PATH: WORKFLOW}, {WORKFLOW_PATH: after})

    assert f"{WORKFLOW_PATH}:{line}" in places(found)


SILENT = {
    "block scalar": edit(WORKFLOW, (RUN, block(PYTEST))),
    "folded": edit(WORKFLOW, (RUN, block("pytest --cov=shop", "--cov-fail-under=90", style=">-"))),
    "continued": edit(WORKFLOW, (RUN, block("pytest --cov=shop \\", "  --cov-fail-under=90"))),
    "quoted": edit(WORKFLOW, (RUN, f'run: "{PYTEST}"')),
    "with other commands": edit(WORKFLOW, (RUN, block("set -euxo pipefail", "cd .", PYTEST, "ls"))),
    "&&": edit(WORKFLOW, (RUN, f"run: pip install . && {PYTEST}")),
    "through uv": edit(WORKFLOW, (RUN, f"run: uv run --frozen {PYTEST}")),
    "python -m": edit(WORKFLOW, (RUN, f"run: python -X dev -m {PYTEST}")),
    "timeout": edit(WORKFLOW, (RUN, f"run: timeout 600 {PYTEST}")),
    "coverage run": edit(
        WORKFLOW, (RUN, block("coverage run -m pytest", "coverage report --fail-under=90"))
    ),
    "|| exit 1": edit(WORKFLOW, (RUN, f"{RUN} || exit 1")),
    "|| (echo; exit 1)": edit(WORKFLOW, (RUN, f"{RUN} || (echo bad; exit 1)")),
    "exit code kept": edit(WORKFLOW, (RUN, block("set +e", PYTEST, "rc=$?", "ls", "exit $rc"))),
    "pipe with pipefail": edit(WORKFLOW, (RUN, f"shell: bash\n        run: {PYTEST} | tee log")),
    "if that fails": edit(
        WORKFLOW, (RUN, block(f"if ! {PYTEST}; then", "  echo bad", "  exit 1", "fi"))
    ),
    "threshold raised": edit(WORKFLOW, ("under=90", "under=91")),
    "step renamed": edit(WORKFLOW, ("name: tests", "name: unit tests"), ("  test:", "  unit:")),
    "if: always()": edit(WORKFLOW, (STEP, f"{STEP}        if: always()\n")),
    "if: on pull requests": edit(
        WORKFLOW, (STEP, STEP + "        if: github.event_name == 'pull_request'\n")
    ),
    "continue-on-error: false": edit(WORKFLOW, (STEP, f"{STEP}        continue-on-error: false\n")),
    "continue-on-error elsewhere": edit(
        WORKFLOW,
        (
            "      - run: pip",
            "      - continue-on-error: true\n        run: ruff check\n      - run: pip",
        ),
    ),
    "matrix": edit(
        WORKFLOW,
        (
            "    runs-on: ubuntu-latest",
            "    strategy:\n      matrix:\n        os: [a, b]\n    runs-on: ${{ matrix.os }}",
        ),
    ),
    "triggers as a mapping": edit(
        WORKFLOW, ("[push, pull_request]", "\n  push:\n    branches: [main]\n  pull_request:")
    ),
    "another step removed": edit(WORKFLOW, ("      - run: pip install -e .[test]\n", "")),
    "action bumped": edit(WORKFLOW, ("checkout@v4", "checkout@v5")),
    "tests split": edit(
        WORKFLOW,
        (
            RUN,
            f"{RUN} tests/test_cart.py\n      - run: {PYTEST} tests/test_slug.py",
        ),
    ),
    "threshold from the environment": edit(
        WORKFLOW, ("jobs:", "env:\n  MIN: '90'\njobs:"), ("under=90", "under=${{ env.MIN }}")
    ),
}


@pytest.mark.parametrize("after", SILENT.values(), ids=SILENT)
def test_a_step_that_blocks_as_much_is_silent(after: str) -> None:
    assert findings({WORKFLOW_PATH: WORKFLOW}, {WORKFLOW_PATH: after}) == []


def test_a_workflow_renamed_or_split_is_silent_and_a_deleted_one_is_not() -> None:
    renamed = findings(
        {WORKFLOW_PATH: WORKFLOW}, {WORKFLOW_PATH: None, ".github/workflows/t.yaml": WORKFLOW}
    )
    deleted = findings({WORKFLOW_PATH: WORKFLOW}, {WORKFLOW_PATH: None})

    assert renamed == []
    assert [finding.path for finding in deleted] == [WORKFLOW_PATH] * 2


def test_a_threshold_moved_from_ci_to_the_configuration_is_silent() -> None:
    found = findings(
        {WORKFLOW_PATH: WORKFLOW},
        {
            WORKFLOW_PATH: edit(WORKFLOW, (" --cov-fail-under=90", "")),
            ".coveragerc": "[report]\nfail_under = 90\n",
        },
    )

    assert found == []


def test_a_threshold_moved_from_the_configuration_to_ci_is_silent() -> None:
    rc = "[report]\nfail_under = 90\n"
    found = findings(
        {WORKFLOW_PATH: edit(WORKFLOW, (" --cov-fail-under=90", "")), ".coveragerc": rc},
        {WORKFLOW_PATH: WORKFLOW, ".coveragerc": "[report]\nshow_missing = true\n"},
    )

    assert found == []


GITLAB = """\
stages: [test]
.defaults:
  image: python
test:
  extends: .defaults
  script:
    - pip install .
    - pytest --cov=shop --cov-fail-under=90
"""


@pytest.mark.parametrize(
    ("after", "line"),
    [
        pytest.param(
            edit(GITLAB, ("  script:", "  allow_failure: true\n  script:")), 6, id="allow"
        ),
        pytest.param(edit(GITLAB, ("  script:", "  when: manual\n  script:")), 6, id="manual"),
        pytest.param(edit(GITLAB, ("  image: python", "  allow_failure: yes")), 3, id="inherited"),
        pytest.param(
            edit(GITLAB, ("  script:", "  rules:\n    - when: never\n  script:")), 6, id="never"
        ),
        pytest.param(edit(GITLAB, ("\ntest:", "\n.test:")), 8, id="hidden"),
        pytest.param(edit(GITLAB, ("  script:", "  after_script:")), 6, id="after_script"),
        pytest.param(edit(GITLAB, ("under=90", "under=9")), 8, id="threshold"),
    ],
)
def test_a_weaker_job_of_gitlab_is_found(after: str, line: int) -> None:
    assert places(findings({".gitlab-ci.yml": GITLAB}, {".gitlab-ci.yml": after})) == [
        f".gitlab-ci.yml:{line}"
    ]


def test_gitlab_jobs_rewritten_with_anchors_are_silent() -> None:
    anchored = """\
.test: &test
  script:
    - pytest --cov=shop --cov-fail-under=90
py311:
  <<: *test
  image: python:3.11
py312:
  <<: *test
"""
    assert findings({".gitlab-ci.yml": GITLAB}, {".gitlab-ci.yml": anchored}) == []


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("SKIP=diff-coverage pre-commit run --all-files", 5),
        ("pre-commit run --all-files || true", 5),
    ],
)
def test_hooks_skipped_in_ci_are_found(script: str, line: int) -> None:
    from weakened_project import HOOKS, HOOKS_PATH

    path = ".github/workflows/lint.yml"
    before = "on: push\njobs:\n  lint:\n    steps:\n      - run: pre-commit run --all-files\n"
    after = before.replace("pre-commit run --all-files", script)
    harmless = before.replace("pre-commit", "SKIP=ruff pre-commit")

    base = {HOOKS_PATH: HOOKS, path: before}
    assert places(findings(base, {path: after})) == [f"{path}:{line}"]
    assert findings(base, {path: harmless}) == []
