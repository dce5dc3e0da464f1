"""Keys of TOML documents are found where they stand, in every way of writing them."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from covgate.config.positions import Position, find_positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from covgate.config.keys import KeyPath

CASES: dict[str, tuple[str, dict[KeyPath, tuple[int, int]]]] = {
    "keys and tables": (
        "top = 1\n\n[a]\nx = 1\n  y = 2\n[a.b]\nz = 3\n",
        {
            ("top",): (1, 1),
            ("a",): (3, 1),
            ("a", "x"): (4, 1),
            ("a", "y"): (5, 3),
            ("a", "b"): (6, 1),
            ("a", "b", "z"): (7, 1),
        },
    ),
    "implied tables stand where they are first implied": (
        "[a.b.c]\nx = 1\n",
        {("a",): (1, 1), ("a", "b"): (1, 1), ("a", "b", "c"): (1, 1), ("a", "b", "c", "x"): (2, 1)},
    ),
    "a header of its own wins over an implication": (
        "[a.b]\nx = 1\n[a]\ny = 2\n",
        {("a", "b"): (1, 1), ("a", "b", "x"): (2, 1), ("a",): (3, 1), ("a", "y"): (4, 1)},
    ),
    "dotted keys": (
        "a.b . c = 1\na.b.d = 2\n",
        {("a",): (1, 1), ("a", "b"): (1, 1), ("a", "b", "c"): (1, 1), ("a", "b", "d"): (2, 1)},
    ),
    "inline tables": (
        "p = { x = 1, y.z = { w = [2] } }\n",
        {
            ("p",): (1, 1),
            ("p", "x"): (1, 7),
            ("p", "y"): (1, 14),
            ("p", "y", "z"): (1, 14),
            ("p", "y", "z", "w"): (1, 22),
            ("p", "y", "z", "w", 0): (1, 27),
        },
    ),
    "arrays of tables": (
        "[[a]]\nx = 1\n[[a.b]]\ny = 1\n[[a]]\nx = 2\n[[a.b]]\ny = 2\n[[ a . b ]]\n[a.c]\nz = 1\n",
        {
            ("a",): (1, 1),
            ("a", 0): (1, 1),
            ("a", 0, "x"): (2, 1),
            ("a", 0, "b"): (3, 1),
            ("a", 0, "b", 0): (3, 1),
            ("a", 0, "b", 0, "y"): (4, 1),
            ("a", 1): (5, 1),
            ("a", 1, "x"): (6, 1),
            ("a", 1, "b"): (7, 1),
            ("a", 1, "b", 0): (7, 1),
            ("a", 1, "b", 0, "y"): (8, 1),
            ("a", 1, "b", 1): (9, 1),
            ("a", 1, "c"): (10, 1),
            ("a", 1, "c", "z"): (11, 1),
        },
    ),
    "quoted keys": (
        '"a.b" = 1\n\'c"d\' = 2\n["e]f"."\\u0067"]\n"=" = 3\n"" = 4\n',
        {
            ("a.b",): (1, 1),
            ('c"d',): (2, 1),
            ("e]f",): (3, 1),
            ("e]f", "g"): (3, 1),
            ("e]f", "g", "="): (4, 1),
            ("e]f", "g", ""): (5, 1),
        },
    ),
    "comments look like keys": (
        "# a = 1\n[t] # [u]\nx = 1 # y = 2\n# [v]\nz = [ # ]\n  1, # 2,\n  # 3\n  4,\n]\n",
        {
            ("t",): (2, 1),
            ("t", "x"): (3, 1),
            ("t", "z"): (5, 1),
            ("t", "z", 0): (6, 3),
            ("t", "z", 1): (8, 3),
        },
    ),
    "multi-line strings": (
        (
            'a = """\nb = 1\n[c]\n\\"""\n"""\n'
            "d = '''\ne = 1\n'''\n"
            'f = """x""""\n'
            "g = ''''y'''''\n"
            'h = ""\ni = """"""\nj = 1\n'
        ),
        {
            ("a",): (1, 1),
            ("d",): (6, 1),
            ("f",): (9, 1),
            ("g",): (10, 1),
            ("h",): (11, 1),
            ("i",): (12, 1),
            ("j",): (13, 1),
        },
    ),
    "strings look like structure": (
        'a = "]"\nb = ["#", \'"\', "\\"", "[{"]\nc = { d = "}" }\ne = 1\n',
        {
            ("a",): (1, 1),
            ("b",): (2, 1),
            ("b", 0): (2, 6),
            ("b", 1): (2, 11),
            ("b", 2): (2, 16),
            ("b", 3): (2, 22),
            ("c",): (3, 1),
            ("c", "d"): (3, 7),
            ("e",): (4, 1),
        },
    ),
    "dates and times": (
        "a = 1979-05-27 07:32:00Z # b\nc = 07:32:00\nd = [1979-05-27, inf]\n",
        {("a",): (1, 1), ("c",): (2, 1), ("d",): (3, 1), ("d", 0): (3, 6), ("d", 1): (3, 18)},
    ),
    "tables inside arrays": (
        "a = [\n  { x = 1 },\n  [2, { y = 3 }],\n]\n",
        {
            ("a",): (1, 1),
            ("a", 0): (2, 3),
            ("a", 0, "x"): (2, 5),
            ("a", 1): (3, 3),
            ("a", 1, 0): (3, 4),
            ("a", 1, 1): (3, 7),
            ("a", 1, 1, "y"): (3, 9),
        },
    ),
    "windows line ends": (
        '[a]\r\nx = """\r\n"""\r\ny = 1\r\n',
        {("a",): (1, 1), ("a", "x"): (2, 1), ("a", "y"): (4, 1)},
    ),
    "no line end": ("a=1", {("a",): (1, 1)}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_positions(text: str, expected: dict[KeyPath, tuple[int, int]]) -> None:
    tomllib.loads(text)
    assert find_positions(text) == {path: Position(*place) for path, place in expected.items()}


def paths_of(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths_of(inner, (*path, index))


class Writer:
    """Writes a table as TOML, each part in a way that hypothesis chooses."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw

    def pick(self, *choices: str) -> str:
        return str(self.draw(st.sampled_from(choices)))

    def key(self, key: str) -> str:
        bare = re.fullmatch(r"[A-Za-z0-9_-]+", key)
        ways = [key] if bare else []
        if "'" not in key:
            ways.append(f"'{key}'")
        return self.pick(*ways, json.dumps(key))

    def inline(self, value: object) -> str:
        if isinstance(value, dict):
            pairs = (f"{self.key(key)}{self.blank()}= {self.inline(v)}" for key, v in value.items())
            return "{ " + ", ".join(pairs) + " }"
        if isinstance(value, list):
            items = (self.break_() + self.inline(item) + self.break_() for item in value)
            return "[" + ",".join(items) + self.break_() + "]"
        return str(value)

    def blank(self) -> str:
        return self.pick("", " ", "\t")

    def break_(self) -> str:
        return self.pick("", " ", "\n", " # ], [x]\n", "\n#\n  ")

    def table(self, table: dict[str, Any], header: str) -> str:
        own, inner = "", ""
        for key, value in table.items():
            written = self.key(key)
            full = f"{header}{self.blank()}.{self.blank()}{written}" if header else written
            is_tables = (
                isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
            )
            if isinstance(value, dict) and self.pick("header", "other") == "header":
                inner += f"[{full}]{self.end()}{self.table(value, full)}"
            elif isinstance(value, dict) and value and self.pick("dotted", "inline") == "dotted":
                for sub, leaf in value.items():
                    own += f"{written}.{self.key(sub)} = {self.inline(leaf)}{self.end()}"
            elif is_tables and self.pick("header", "inline") == "header":
                for item in value:
                    inner += f"[[{full}]]{self.end()}{self.table(item, full)}"
            else:
                own += f"{written}{self.blank()}={self.blank()}{self.inline(value)}{self.end()}"
        return own + inner

    def end(self) -> str:
        return self.pick("\n", "\n\n", " # x = [\n", '\n# [y] """\n')


KEYS = st.sampled_from(["a", "b", "c-d", "e_1", "2", "x.y", "[q]", "#", '"', "=", "", "é", "z'"])


@st.composite
def documents(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    shape = st.recursive(
        st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=12,
    )
    numbers = count(1000)

    def numbered(value: object) -> object:
        """Give each leaf a number of its own, so that its line can be recognised."""
        if isinstance(value, dict):
            return {key: numbered(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [numbered(inner) for inner in value]
        return next(numbers)

    table = draw(st.dictionaries(KEYS, shape, max_size=4))
    return Writer(draw).table(dict(numbered(table)), "")  # type: ignore[call-overload]


@settings(deadline=None)
@given(documents())
def test_every_key_and_no_other_is_found_on_its_line(text: str) -> None:
    positions = find_positions(text)
    values = dict(paths_of(tomllib.loads(text)))
    assert set(positions) == set(values)
    lines = text.split("\n")
    for path, value in values.items():
        if isinstance(value, int):
            assert str(value) in lines[positions[path].line - 1]


@settings(deadline=None)
@given(st.text(st.sampled_from("ab[]{}=.,#\"'\\\n 1")) | st.text())
@example('a = "')
@example('["')
@example('"\\q" = 1')
@example("[[a")
@example("a = [[{")
def test_text_that_is_no_toml_raises_nothing(text: str) -> None:
    find_positions(text)
