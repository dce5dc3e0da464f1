"""Edits of one module, and the lines of them that count as uncovered.

All edits of a table are staged in one repository, each in a module with a test of its own, and
judged by one run of the real command: what is asked of each is its own lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from conftest import BASE_MODULE, Answered, Project

if TYPE_CHECKING:
    from collections.abc import Mapping

CALLS_F = "    assert {m}.f(1) == 2\n"


class Edit(NamedTuple):
    """A module before and after, what its test does, and the uncovered lines of the change.

    `before` None: the module is new. `covered` are checked when given.
    """

    id: str
    before: str | bytes | None
    after: str | bytes
    uncovered: list[int]
    test: str = CALLS_F
    covered: list[int] | None = None


def m(old: str, new: str) -> str:
    """Return the module of the cases with one piece of text replaced."""
    assert old in BASE_MODULE
    return BASE_MODULE.replace(old, new)


def at(line: int, *new: str) -> str:
    """Return the module of the cases with lines inserted before a line."""
    lines = BASE_MODULE.split("\n")
    lines[line - 1 : line - 1] = new
    return "\n".join(lines)


CRLF = BASE_MODULE.replace("\n", "\r\n")
CR = BASE_MODULE.replace("\n", "\r")
LATIN = "# -*- coding: latin-1 -*-\n" + m("return 2", "return 'é'")
BOM = "\ufeff"
CALL = """\
def f(x):
    return max(
        x,
        2,
    )


def g(x):
    return max(
        # the first
        x,
        2,
    )
"""
DECORATED = """\
import functools


def mark(*names):
    def deco(function):
        return function

    return deco


def f(x):
    return x + 1


@mark(
    "one",
    "two",
)
@functools.lru_cache(maxsize=10)
def g(
    x,
    y=max(
        1,
        2,
    ),
):
    return x + y
"""
CLASS = """\
class Shape:
    sides = 4

    def f(self):
        return self.sides

    @property
    def area(self):
        return 0


def f(x):
    return Shape().f() - 2
"""
FLOW = """\
def f(x):
    try:
        x += 1
    except ValueError:
        return 0
    else:
        for _ in range(1):
            pass
        else:
            x += 0
    finally:
        x += 0
    while x > 100:
        x -= 1
    with open(__file__) as stream:
        stream.readline()
    return x
"""

EDITS = [
    Edit("covered-line", BASE_MODULE, m("y = x + 1", "y = 1 + x"), [], covered=[2]),
    Edit("uncovered-line", BASE_MODULE, m("return 2", "return 3"), [9], covered=[]),
    Edit("both", BASE_MODULE, m("y = x + 1", "y = 1 + x").replace("n 2", "n 3"), [9], covered=[2]),
    Edit("function-appended", BASE_MODULE, BASE_MODULE + "\n\ndef h(x):\n    x += 1\n    return x\n", [13, 14], covered=[12]),
    Edit("function-inserted", BASE_MODULE, at(5, "", "def h(x):", "    return x", ""), [7], covered=[6]),
    Edit("one-line-function", BASE_MODULE, BASE_MODULE + "\n\ndef h(x): return x\n", []),
    Edit("comment-in-g", BASE_MODULE, at(8, "        # a remark"), []),
    Edit("trailing-comment-in-g", BASE_MODULE, m("return 2", "return 2  # two"), [9]),
    Edit("blank-line-in-g", BASE_MODULE, at(9, ""), []),
    Edit("docstring-in-g", BASE_MODULE, at(7, '    """Say one', "", '    or two."""'), []),
    Edit("docstring-edited", at(7, '    """One."""'), at(7, '    """Two."""'), []),
    Edit("string-statement", BASE_MODULE, at(9, '    "no docstring"'), [9]),
    Edit("module-docstring", BASE_MODULE, '"""Module."""\n\n' + BASE_MODULE, []),
    Edit("line-removed-from-g", BASE_MODULE, m("    if x:\n        return 1\n", ""), []),
    Edit("else-made-of-g", BASE_MODULE, m("    return 2", "    else:\n        return 2"), [10]),
    Edit("indented-in-g", BASE_MODULE, m("        return 1", "        if x:\n            return 1"), [8, 9]),
    Edit("whitespace-only", BASE_MODULE, m("    return 2", "    return  2"), [9]),
    Edit("moved-function", BASE_MODULE, BASE_MODULE.split("\n\n\n")[1].rstrip() + "\n\n\ndef f(x):\n    y = x + 1\n    return y\n", [], covered=None),
    Edit("new-module", None, BASE_MODULE, [7, 8, 9], covered=[1, 2, 3, 6]),
    Edit("new-empty-module", None, "", [], test="    assert {m}.__name__\n"),
    Edit("new-comment-module", None, "# nothing\n", [], test="    assert {m}.__name__\n"),
    Edit("pass-body", BASE_MODULE, BASE_MODULE + "\n\ndef h():\n    pass\n", [13]),
    Edit("ellipsis-body", BASE_MODULE, BASE_MODULE + "\n\ndef h():\n    ...\n", []),
    Edit("import-added", BASE_MODULE, "import os\n" + BASE_MODULE, [], covered=[1]),
    Edit("constant-added", BASE_MODULE, "A = 1\n" + BASE_MODULE, [], covered=[1]),
    Edit("two-statements-one-line", BASE_MODULE, m("return 2", "x = 2; return x"), [9]),
    Edit("pragma-line", BASE_MODULE, m("return 2", "return 3  # pragma: no cover - shown"), []),
    # statements over several lines
    Edit("continuation-of-covered-call", CALL, CALL.replace("        2,", "        1 + 1,", 1), [], covered=[2]),
    Edit("continuation-of-uncovered-call", CALL, CALL[:70] + CALL[70:].replace("2,", "3,"), [9]),
    Edit("comment-in-uncovered-call", CALL, CALL.replace("# the first", "# the 1st"), []),
    Edit("comment-added-in-uncovered-call", CALL, CALL[:70] + CALL[70:].replace("        2,", "        # two\n        2,"), []),
    Edit("comment-after-argument", CALL, CALL[:70] + CALL[70:].replace("2,", "2,  # two"), [9]),
    Edit("closing-bracket", CALL, CALL.rstrip("\n")[:-1] + "\t)\n", [9]),
    Edit("blank-line-in-uncovered-call", CALL, CALL[:70] + CALL[70:].replace("        2,", "\n        2,"), []),
    Edit("backslash", BASE_MODULE, m("y = x + 1", "y = x \\\n        + 1"), [], covered=[2]),
    Edit("backslash-uncovered", BASE_MODULE, m("return 2", "return 1 \\\n        + 1"), [9]),
    Edit("multi-line-string", BASE_MODULE + '\n\ndef h():\n    return """a\nb\nc"""\n', BASE_MODULE + '\n\ndef h():\n    return """a\nB\nc"""\n', [13]),
    Edit("hash-in-multi-line-string", BASE_MODULE + '\n\ndef h():\n    return """a\n# b\nc"""\n', BASE_MODULE + '\n\ndef h():\n    return """a\n# B\nc"""\n', [13]),
    Edit("multi-line-condition", BASE_MODULE, m("    if x:", "    if (\n        x\n        and x\n    ):"), [7]),
    Edit("multi-line-dict", "D = {\n    1: 2,\n    3: 4,\n}\n" + BASE_MODULE, "D = {\n    1: 2,\n    3: 5,\n}\n" + BASE_MODULE, [], covered=[1]),
    Edit("lambda-in-dict", BASE_MODULE, "D = {\n    1: lambda x: x,\n    2: lambda x: -x,\n}\n" + BASE_MODULE, [], covered=[1]),
    Edit("comprehension", BASE_MODULE, "D = [\n    x\n    for x in range(3)\n    if x\n]\n" + BASE_MODULE, []),
    Edit("f-string-lines", BASE_MODULE, m("return 2", 'return f"""{\n        x\n    }"""'), [9]),
    Edit("assert-message", BASE_MODULE, m("    return 2", '    assert x, (\n        "why"\n    )\n    return 2'), [9]),
    # what runs at import
    Edit("decorator-argument", DECORATED, DECORATED.replace('"two"', '"three"'), []),
    Edit("decorator-added", DECORATED, DECORATED.replace("@functools", '@mark("a")\n@functools'), []),
    Edit("decorator-value", DECORATED, DECORATED.replace("maxsize=10", "maxsize=20"), []),
    Edit("signature-default", DECORATED, DECORATED.replace("        2,", "        3,"), []),
    Edit("parameter-added", DECORATED, DECORATED.replace("    x,\n    y", "    x,\n    z=0,\n    y"), []),
    Edit("annotation", BASE_MODULE, m("def g(x):", "def g(x: int) -> int:"), []),
    Edit("decorated-body", DECORATED, DECORATED.replace("return x + y", "return y + x"), [27]),
    Edit("async-function", BASE_MODULE, BASE_MODULE + "\n\nasync def h(x):\n    return x\n", [13]),
    Edit("class-attribute", CLASS, CLASS.replace("sides = 4", "sides = 2 + 2"), [], test="    assert {m}.f(1) == 2\n"),
    Edit("method-body", CLASS, CLASS.replace("return 0", "return 1"), [9]),
    Edit("method-added", CLASS, CLASS.replace("    @property", "    def h(self):\n        return 1\n\n    @property"), [8]),
    Edit("class-added", CLASS, CLASS + "\n\nclass B(Shape):\n    x = 1\n\n    def h(self):\n        x = 1\n", [20]),
    Edit("class-docstring", CLASS, CLASS.replace("    sides", '    """A shape."""\n\n    sides'), []),
    Edit("nested-function", BASE_MODULE, m("    return y", "    def inner():\n        return y\n    return y"), [4], covered=[3]),
    Edit("main-guard", BASE_MODULE, BASE_MODULE + '\n\nif __name__ == "__main__":\n    f(1)\n', [13], covered=[12]),
    Edit("type-checking", BASE_MODULE, "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import ast\n" + BASE_MODULE, [], covered=[1]),
    Edit("global-statement", BASE_MODULE, m("    y = x", "    global Z\n    y = x"), []),
    # control flow
    Edit("try-except", FLOW, FLOW.replace("return 0", "return 1"), [5]),
    Edit("except-line", FLOW, FLOW.replace("except ValueError", "except KeyError"), [4]),
    Edit("else-and-finally", FLOW, FLOW.replace("x += 0", "x -= 0"), []),
    Edit("while-body", FLOW, FLOW.replace("x -= 1", "x -= 2"), [14]),
    Edit("match", BASE_MODULE, m("    return y", "    match x:\n        case 1:\n            return y\n        case _:\n            return 0"), [6, 7], covered=[3, 4, 5]),
    Edit("while-else-line", FLOW, FLOW.replace("    while x > 100:\n        x -= 1\n", "    while x > 100:\n        x -= 1\n    else:\n        x += 0\n"), []),
    Edit("unreachable", BASE_MODULE, m("    return y", "    return y\n    x = 0"), []),
    # bytes and line ends
    Edit("crlf-covered", CRLF, CRLF.replace("y = x + 1", "y = 1 + x"), [], covered=[2]),
    Edit("crlf-uncovered", CRLF, CRLF.replace("return 2", "return 3"), [9]),
    Edit("lf-to-crlf", BASE_MODULE, CRLF, [7, 8, 9], covered=[1, 2, 3, 6]),
    Edit("cr-uncovered", CR, CR.replace("return 2", "return 3"), [9], covered=[]),
    Edit("cr-covered", CR, CR.replace("y = x + 1", "y = 1 + x"), [], covered=[2]),
    Edit("cr-new", None, CR, [7, 8, 9], covered=[1, 2, 3, 6]),
    Edit("lf-to-cr", BASE_MODULE, CR.replace("return 2", "return 3"), [9], covered=[]),
    Edit("cr-to-lf", CR, m("return 2", "return 3"), [7, 8, 9]),
    Edit("one-cr-above", BASE_MODULE, ("# a\r# b\n" + BASE_MODULE).replace("return 2", "return 3"), [11]),
    Edit("one-cr-there-already", "# a\r# b\n" + BASE_MODULE, ("# a\r# b\n" + BASE_MODULE).replace("return 2", "return 3"), [11], covered=[]),
    Edit("no-final-newline", BASE_MODULE.rstrip("\n"), m("return 2", "return 3").rstrip("\n"), [9]),
    Edit("final-newline-removed", BASE_MODULE, BASE_MODULE.rstrip("\n"), [9]),
    Edit("final-newline-added", BASE_MODULE.rstrip("\n"), BASE_MODULE, [9]),
    Edit("appended-after-missing-newline", BASE_MODULE.rstrip("\n"), BASE_MODULE + "\n\ndef h():\n    return 1\n", [9, 13]),
    Edit("cut-without-newline", BASE_MODULE, BASE_MODULE[: BASE_MODULE.index("    return 2")].rstrip("\n"), [8]),
    Edit("blank-lines-at-end", BASE_MODULE, BASE_MODULE + "\n\n\n", []),
    Edit("latin-1", LATIN.encode("latin-1"), LATIN.replace("'é'", "'è'").encode("latin-1"), [10]),
    Edit("bom", BOM + BASE_MODULE, BOM + m("return 2", "return 3"), [9]),
    Edit("bom-added", BASE_MODULE, BOM + BASE_MODULE, [], covered=[1]),
    Edit("utf-8", BASE_MODULE, m("return 2", 'return "日本"'), [9]),
    Edit("tabs", BASE_MODULE.replace("    ", "\t"), m("return 2", "return 3").replace("    ", "\t"), [9]),
    Edit("form-feed", BASE_MODULE.replace("\n\n\n", "\n\f\n\n"), m("return 2", "return 3").replace("\n\n\n", "\n\f\n\n"), [9]),
    Edit("form-feed-in-line", "# a\fb\x0b c\n" + BASE_MODULE, "# a\fb\x0b c\n" + m("return 2", "return 3"), [10]),
    Edit("other-unicode-line-ends", 'S = "a\u2028b\x85c"\n' + BASE_MODULE, 'S = "a\u2028b\x85c"\n' + m("return 2", "return 3"), [10]),
    Edit("separators-1c-1d-1e", "# a\x1cb\x1dc\x1ed\n" + BASE_MODULE, "# a\x1cb\x1dc\x1ed\n" + m("return 2", "return 3"), [10]),
    Edit("very-long-line", BASE_MODULE, m("return 2", "return len('" + "x" * 300_000 + "')"), [9]),
    Edit("many-lines", BASE_MODULE, BASE_MODULE + "\n\ndef h(x):\n" + "    x += 1\n" * 2000, list(range(13, 2013))),
    Edit("looks-like-a-header", BASE_MODULE, m("    return 2", '    x = """\n--- a/m.py\n+++ b/other.py\n@@ -1 +1,9 @@\ndiff --git a/m.py b/m.py\n"""\n    return 2'), [9]),
    Edit("minus-and-plus-lines", "D = (\n-- 1,\n++ 1,\n)\n" + BASE_MODULE, "D = (\n-- 2,\n++ 2,\n)\n" + BASE_MODULE, [], covered=[1]),
    Edit("backslash-first", "D = 1 + \\\n\\\n1\n" + BASE_MODULE, "D = 2 + \\\n\\\n\\\n1\n" + BASE_MODULE, []),
]  # fmt: skip


def stage_edits(project: Project, edits: list[Edit]) -> None:
    """Commit the modules with their tests, then stage what became of them."""
    before: dict[str, str | bytes | None] = {}
    after: dict[str, str | bytes | None] = {}
    for edit in edits:
        name = edit.id.replace("-", "_")
        if edit.before is not None:
            before[f"{name}.py"] = edit.before
        after[f"{name}.py"] = edit.after
        body = edit.test.format(m=name)
        test = before if edit.before is not None else after
        test[f"test_{name}.py"] = f"import {name}\n\n\ndef test_it():\n{body}"
    project.commit(before)
    project.stage(after)


def lines_of(answer: Answered, edit: Edit) -> Mapping[str, list[int]]:
    """Return the judged lines of one edit."""
    files = answer.data["diff_coverage"]["files"]
    found = files.get(edit.id.replace("-", "_") + ".py", {"covered": [], "uncovered": []})
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Answered:
    """The answer to all edits, without branches."""
    project = Project(tmp_path_factory.mktemp("edits") / "project", clean_env)
    stage_edits(project, EDITS)
    answer = project.check()
    assert (answer.code, answer.err) == (1, ""), answer.err
    assert answer.data["tests"]["failed"] == []
    return answer


@pytest.mark.parametrize("edit", EDITS, ids=[edit.id for edit in EDITS])
def test_lines_of_an_edit(edited: Answered, edit: Edit) -> None:
    found = lines_of(edited, edit)
    assert found["uncovered"] == edit.uncovered
    if edit.covered is not None:
        assert found["covered"] == edit.covered


def test_every_uncovered_line_is_in_a_finding(edited: Answered) -> None:
    named: dict[str, set[int]] = {}
    for finding in edited.data["findings"]:
        assert finding["rule"] == "diff-coverage"
        span = range(finding["line"], finding["end_line"] + 1)
        named.setdefault(finding["path"], set()).update(span)
    for path, lines in edited.uncovered.items():
        assert set(lines) <= named[path], path
