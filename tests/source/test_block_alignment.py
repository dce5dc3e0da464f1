"""Which statements two versions have in common, and what leads to the changed ones."""

from __future__ import annotations

import zlib

import pytest

from covgate.source.blocks.aligned import dump, load
from covgate.source.blocks.alignment import Alignment

BASE = """\
def f(x):
    y = 1
    if x:
        y = 2
        y = 3
    else:
        y = 4
    for i in x:
        y += i
    return y
"""


def changed(old: str, new: str) -> str:
    assert old in BASE
    return BASE.replace(old, new)


@pytest.mark.parametrize(
    ("new", "reaching"),
    [
        pytest.param(BASE, frozenset(), id="nothing"),
        pytest.param(changed("y = 3", "y = 5"), frozenset({5}), id="a statement"),
        pytest.param(changed("        y = 2\n", ""), frozenset({4}), id="a statement removed"),
        pytest.param(
            changed("        y = 3\n", "        z = 1\n        y = 3\n"), None, id="a local added"
        ),
        pytest.param(
            changed("        y = 3\n", "        y = 9\n        y = 3\n"),
            frozenset({5}),
            id="inserted before",
        ),
        pytest.param(
            changed("        y = 3\n", "        y = 3\n        y = 9\n"),
            frozenset({5}),
            id="appended",
        ),
        pytest.param(changed("if x:", "if not x:"), frozenset({3}), id="a condition"),
        pytest.param(
            changed("    else:\n        y = 4\n", ""), frozenset({3}), id="an else removed"
        ),
        pytest.param(
            changed("    y = 1\n", "    y = 0\n    y = 1\n"), frozenset({2}), id="before the first"
        ),
        pytest.param(changed("return y", "yield y"), None, id="becomes a generator"),
        pytest.param(changed("y = 2", "y = 2  # two"), frozenset(), id="a comment"),
        pytest.param(
            changed("    y = 1\n", "    'doc'\n    y = 1\n"), frozenset(), id="a docstring"
        ),
        pytest.param(changed("    y = 1\n", "    global y\n    y = 1\n"), None, id="a declaration"),
    ],
)
def test_what_reaches_a_change(new: str, reaching: frozenset[int] | None) -> None:
    assert Alignment(BASE.encode(), new.encode()).reaching["f"] == reaching


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        pytest.param("x = 1\n", "\n\nx = 1\n", {1: 3}, id="shifted"),
        pytest.param("x = 1\n", "x = 2\n", {}, id="changed"),
        pytest.param("x = (1,\n  2)\ny = 1\n", "x = (1, 2)\ny = 1\n", {1: 1, 3: 2}, id="joined"),
        pytest.param(
            "@d\ndef f():\n    return 1\n", "y = 1\n@d\n# c\ndef f():\n    return 1\n",
            {1: 2, 2: 4, 3: 5}, id="decorated",
        ),
        pytest.param(
            "class C:\n    x = 1\n    def m(self):\n        return 1\n",
            "class C:\n    def m(self):\n        return 2\n    x = 1\n",
            {1: 1}, id="members in another order are told apart",
        ),
    ],
)  # fmt: skip
def test_where_statements_stand_now(old: str, new: str, moved: dict[int, int]) -> None:
    found = Alignment(old.encode(), new.encode()).moved
    assert {line: found.get(line) for line in moved} == moved


def test_any_line_of_a_statement_belongs_to_it() -> None:
    alignment = Alignment(b"x = [\n  1,\n  2,\n]\nif x:\n    y = 1\n", b"")
    assert alignment.statement_of == {1: 1, 2: 1, 3: 1, 4: 1, 5: 5, 6: 6}


@pytest.mark.parametrize(
    ("begin", "lines", "began"),
    [
        pytest.param("    n = 1\n    yield n\n", {2, 3}, True, id="began here"),
        pytest.param("    n = 1\n    yield n\n", {3}, False, id="went on here"),
        pytest.param("    return 1\n", {9}, True, id="no generator"),
        pytest.param("    while x:\n        yield x\n", {2, 3}, False, id="goes back to its loop"),
        pytest.param(
            "    try:\n        n = 1\n        yield n\n    finally:\n        n = 2\n",
            {3, 4},
            True,
            id="began in try",
        ),
    ],
)
def test_where_a_generator_began(begin: str, lines: set[int], began: bool) -> None:
    source = f"def f(x):\n{begin}".encode()
    assert Alignment(source, source).began("f", frozenset(lines)) is began


VERSIONS = [
    BASE,
    changed("y = 3", "y = 5"),
    changed("return y", "yield y"),
    changed("    else:\n        y = 4\n", ""),
    "import os\n\n\n@os.wraps\ndef g():\n    yield 1\n    yield 2\n\n\nclass C:\n    def f(self):\n        return 1\n"
    + BASE,
    "import os\n\n\n@os.wraps\ndef g():\n    yield 1\n    yield 3\n\n\nclass C:\n    def f(self):\n        return 2\n"
    + BASE,
    "",
]


@pytest.mark.parametrize("old", VERSIONS)
@pytest.mark.parametrize("new", VERSIONS)
def test_what_is_kept_says_the_same(old: str, new: str) -> None:
    one = Alignment(old.encode(), new.encode())
    other = load(dump(one), old.encode())
    assert (other.moved, other.reaching) == (one.moved, one.reaching)
    assert {**other.statement_of} == {**one.statement_of}
    lines = range(1, old.count("\n") + 2)
    for key in one.reaching:
        for line in lines:
            some = frozenset({line})
            assert other.entered(key, some) == one.entered(key, some)
            assert other.began(key, some) == one.began(key, some)
        assert other.spots(key) == one.spots(key)


@pytest.mark.parametrize("data", [b"", b"no", dump(Alignment(b"x = 1", b"x = 1"))[:-8]])
def test_what_is_damaged_is_no_alignment(data: bytes) -> None:
    with pytest.raises((ValueError, zlib.error)):
        load(data, b"x = 1")
