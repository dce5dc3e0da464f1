"""A file taken apart by its pieces is the same as one that is parsed at once."""

from __future__ import annotations

import ast
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covgate.source.blocks.pieces import Version, first_line, statements

QUOTED = '"""\ndef quoted(:\n@nobody\nclass Open\n"""\n'
PIECES = [
    "def f(x):\n    return [\n  x\n]\n",
    "@d\n@e(\n  1)\ndef f(): pass\n",
    "class C:\n    def m(self):\n        return 1\n    x = 2\n\n",
    "async def g():\n    await f()\n",
    "if x:\n    def f(): pass\nelse:\n    def f(): return 2\n",
    "x = 1; y = 2\n",
    "try:\n    pass\nexcept E:\n    x = 3\n",
    "# a comment\n",
    "text = (\n'a'\n'b')\n",
    "z = 1 \\\n  + 2\n",
    "\n",
    QUOTED,
    f"x = {QUOTED}",
]


def _flat(source: bytes) -> list[tuple[str, int]]:
    return [
        (type(node).__name__, first_line(node))
        for node in statements(ast.parse(source))
        if not isinstance(node, ast.ExceptHandler)
    ]


def _of_pieces(version: Version) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for node, _, before in version.statements:
        found += [
            (type(one).__name__, first_line(one) + before)
            for one in [node, *statements(node)]
            if not isinstance(one, ast.ExceptHandler)
        ]
    return found


@given(st.lists(st.sampled_from(PIECES)), st.sampled_from(["\n", "\r\n"]))
def test_the_same_statements_stand_at_the_same_lines(parts: list[str], end: str) -> None:
    source = "".join(parts).replace("\n", end).encode()
    assert _of_pieces(Version(source)) == _flat(source)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"\xef\xbb\xbfx = 1\ndef f(): pass\n", id="a byte order mark"),
        pytest.param("# coding: latin-1\nx = 'ä'\n".encode("latin-1"), id="another encoding"),
        pytest.param(
            "# -*- coding: UTF-8 -*-\nx = 'ä'\ndef f(): pass\n".encode(), id="named utf-8"
        ),
        pytest.param(b"x = 1\ndef f(): pass\n# coding: rot13\ny = 2\n", id="named too late"),
        pytest.param(b"def f(): pass\ndef g(): pass", id="no end of line"),
        pytest.param(b'"""' + b"def a\n" * 200 + b'"""\ndef f(): pass\n', id="much that is quoted"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_texts_of_every_kind(source: bytes) -> None:
    assert _of_pieces(Version(source)) == _flat(source)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"def f(:\n    pass\ndef g(): pass\n", id="a mistake"),
        pytest.param(b"def f(): pass\n@d\n", id="a decorator of nothing"),
        pytest.param(b"def f(): pass\nx = '\xff'\n", id="no text"),
        pytest.param(b"x = 1 \\\n", id="an open line"),
        pytest.param(b"def f(): pass\nx = (\ndef g(): pass\n" * 50, id="an open bracket"),
    ],
)
def test_what_is_not_python(source: bytes) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        ast.parse(source)
    with pytest.raises((SyntaxError, ValueError)):
        Version(source)


def test_functions_of_one_name_are_counted_through_the_file() -> None:
    source = b"def f(): pass\nx = 1\ndef f():\n    def g(): pass\nclass C:\n    def f(self): pass\n"
    found = {key: one.node.lineno + one.before for key, one in Version(source).functions.items()}
    assert found == {"f": 1, "f.<locals>.g": 4, "f#2": 3, "C.f": 6}


def test_any_line_leads_to_its_statement() -> None:
    version = Version(b"\nx = [\n  1,\n]\n@d\ndef f():\n    return (\n  2)\n")
    assert dict(version.statement_of) == {2: 2, 3: 2, 4: 2, 5: 5, 6: 5, 7: 7, 8: 7}
    assert version.statement_of.get(1) is None
    assert version.statement_of.get(sys.maxsize) is None
