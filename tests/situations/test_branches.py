"""Branches: a line that ran is not covered while one of its ways out was never taken."""

from __future__ import annotations

import pytest
from test_edits import Edit, lines_of, stage_edits

from conftest import BASE_MODULE, Answered, Project

PARTIAL = """\
def f(x):
    if x:
        x += 1
    return x
"""
LOOP = """\
def f(x):
    for n in range(x):
        x += 1
    return x
"""
BRANCHES = [
    Edit("new-if-one-arm", BASE_MODULE, BASE_MODULE.replace("    return y", "    if x:\n        y += 0\n    return y"), [3]),
    Edit("new-if-on-one-line", BASE_MODULE, BASE_MODULE.replace("    return y", "    if x: return y\n    return y"), [3], covered=[]),
    Edit("new-if-on-one-line-never-true", BASE_MODULE, BASE_MODULE.replace("    return y", "    if x > 9: return y\n    return y"), [3], covered=[]),
    # Both ways lead to the next line: coverage can't tell them apart, nor can a full run.
    Edit("new-if-on-one-line-that-falls-through", BASE_MODULE, BASE_MODULE.replace("    return y", "    if x: y += 0\n    return y"), []),
    Edit("new-if-never-true", BASE_MODULE, BASE_MODULE.replace("    return y", "    if x > 9:\n        y += 0\n    return y"), [3, 4]),
    Edit("new-if-both-arms", BASE_MODULE, BASE_MODULE.replace("    return y", "    if x:\n        y += 0\n    return y"), [], test="    assert {m}.f(1) == 2\n    assert {m}.f(0) == 1\n"),
    Edit("partial-if-above-unchanged", PARTIAL, PARTIAL.replace("return x", "return x + 0"), [], covered=[4]),
    Edit("partial-if-changed", PARTIAL, PARTIAL.replace("if x:", "if x > 0:"), [2]),
    Edit("body-of-partial-if-changed", PARTIAL, PARTIAL.replace("x += 1", "x = x + 1"), [], covered=[3]),
    Edit("uncovered-if", BASE_MODULE, BASE_MODULE.replace("if x:", "if not x:"), [7]),
    Edit("multi-line-partial-if", PARTIAL.replace("if x:", "if (\n        x\n    ):"), PARTIAL.replace("if x:", "if (\n        x > 0\n    ):"), [2]),
    Edit("loop-that-always-ends", LOOP, LOOP.replace("range(x)", "range(x + 0)"), [], covered=[2]),
    Edit("loop-never-entered", LOOP, LOOP.replace("range(x)", "range(x - 9)"), [2], test="    assert {m}.f(1) == 1\n"),
    Edit("while-never-entered", BASE_MODULE, BASE_MODULE.replace("    return y", "    while x > 9:\n        x -= 1\n    return y"), [3, 4]),
    Edit("conditional-expression", BASE_MODULE, BASE_MODULE.replace("x + 1", "x + 1 if x else 0"), [], covered=[2]),
    Edit("boolean-short-cut", BASE_MODULE, BASE_MODULE.replace("return y", "return y or x"), []),
    Edit("elif-partial", PARTIAL, PARTIAL.replace("    return x", "    elif x is None:\n        x = 0\n    return x"), [4, 5]),
    Edit("elif-else", PARTIAL, PARTIAL.replace("    return x", "    else:\n        x = 0\n    return x"), [5]),
    Edit("no-branch-pragma", BASE_MODULE, BASE_MODULE.replace("    return y", "    if x:  # pragma: no branch - always\n        y += 0\n    return y"), []),
    Edit("excluded-arm", BASE_MODULE, BASE_MODULE.replace("    return y", "    if x > 9:  # pragma: no cover - shown\n        y += 0\n    return y"), []),
    Edit("with-statement", BASE_MODULE, BASE_MODULE.replace("    return y", "    with open(__file__):\n        y += 0\n    return y"), []),
    Edit("match-without-default", BASE_MODULE, BASE_MODULE.replace("    return y", "    match x:\n        case 1:\n            y += 0\n    return y"), [4]),
    Edit("main-guard", BASE_MODULE, BASE_MODULE + '\n\nif __name__ == "__main__":\n    f(1)\n', [12, 13]),
]  # fmt: skip


@pytest.fixture(scope="module")
def branched(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Answered:
    """The answer to all edits in a project that measures branches."""
    project = Project(tmp_path_factory.mktemp("branches") / "project", clean_env)
    project.commit({".coveragerc": "[run]\nbranch = true\n"})
    stage_edits(project, BRANCHES)
    answer = project.check()
    assert (answer.code, answer.err) == (1, ""), answer.err
    assert answer.data["tests"]["failed"] == []
    return answer


@pytest.mark.parametrize("edit", BRANCHES, ids=[edit.id for edit in BRANCHES])
def test_lines_of_an_edit_with_branches(branched: Answered, edit: Edit) -> None:
    found = lines_of(branched, edit)
    assert found["uncovered"] == edit.uncovered
    if edit.covered is not None:
        assert found["covered"] == edit.covered


@pytest.mark.parametrize("name", ["new_if_one_arm", "new_if_on_one_line", "multi_line_partial_if"])
def test_says_how_many_exits_were_taken(branched: Answered, name: str) -> None:
    messages = [f["message"] for f in branched.data["findings"] if f["path"] == f"{name}.py"]
    assert messages == ["only 1 of 2 exits of this line are taken by tests"]
