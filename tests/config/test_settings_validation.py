"""Tables are checked against settings classes of every shape that the model may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal

import hypothesis
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from covgate.config.keys import describe, keys_of
from covgate.config.model import Meta, Settings
from covgate.config.text import Sections, Text
from covgate.config.validation import validate


def meta(**limits: Any) -> dict[str, Meta]:
    return {"meta": Meta("What it means.", **limits)}


@dataclass(frozen=True)
class Item:
    """An item."""

    name: str = field(metadata=meta())
    paths: tuple[str, ...] = field(metadata=meta(format="glob", min_items=1))
    until: date | None = field(default=None, metadata=meta())


@dataclass(frozen=True)
class Inner:
    """A table in a table."""

    word: Literal["loud", "quiet"] = field(default="quiet", metadata=meta())
    share: float = field(default=1.0, metadata=meta(minimum=0, maximum=100))


@dataclass(frozen=True)
class Everything:
    """A key of every kind."""

    text: str = field(default="", metadata=meta())
    flag: bool = field(default=False, metadata=meta())
    number: int = field(default=0, metadata=meta(minimum=0))
    any_number: float = field(default=0.0, metadata=meta())
    wait: float = field(default=1.0, metadata=meta(above=0, format="duration"))
    pattern: str = field(default="", metadata=meta(format="regex"))
    day: date = field(default=date(2026, 1, 1), metadata=meta())
    globs: tuple[str, ...] = field(default=(), metadata=meta(format="glob"))
    roots: tuple[str, ...] = field(default=(), metadata=meta(format="path"))
    args: tuple[str, ...] = field(default=(), metadata=meta(format="args"))
    words: tuple[str, ...] = field(default=(), metadata=meta())
    numbers: tuple[int, ...] = field(default=(), metadata=meta(minimum=1, maximum=9))
    either: str | tuple[str, ...] = field(default="", metadata=meta())
    level: Literal["off"] | Inner = field(default="off", metadata=meta())
    rank: Literal[1, 2, "top"] = field(default=1, metadata=meta())
    inner: Inner = field(default=Inner(), metadata=meta())
    item: tuple[Item, ...] = field(default=(), metadata=meta())


ITEM = {"name": "n", "paths": "p"}

ACCEPTED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {}),
    "string": ({"text": "x"}, {"text": "x"}),
    "boolean": ({"flag": True}, {"flag": True}),
    "whole number": ({"number": 0}, {"number": 0}),
    "whole number for a number": ({"any-number": 3}, {"any_number": 3.0}),
    "underscore spelling": ({"any_number": 1.5}, {"any_number": 1.5}),
    "seconds": ({"wait": 0.5}, {"wait": 0.5}),
    "duration in minutes": ({"wait": "10m"}, {"wait": 600.0}),
    "duration in seconds": ({"wait": "90s"}, {"wait": 90.0}),
    "duration of parts": ({"wait": "1h1.5m"}, {"wait": 3690.0}),
    "regular expression": ({"pattern": "#[0-9]+"}, {"pattern": "#[0-9]+"}),
    "date": ({"day": date(2026, 2, 3)}, {"day": date(2026, 2, 3)}),
    "date as string": ({"day": "2026-02-03"}, {"day": date(2026, 2, 3)}),
    "list": ({"globs": ["a", "b/**"]}, {"globs": ("a", "b/**")}),
    "empty list": ({"globs": []}, {"globs": ()}),
    "string for a list": ({"globs": "a, b"}, {"globs": ("a, b",)}),
    "arguments as a string": ({"args": "-m 'a b'"}, {"args": ("-m", "a b")}),
    "arguments as a list": ({"args": ["-m 'a"]}, {"args": ("-m 'a",)}),
    "list of numbers": ({"numbers": [1, 9]}, {"numbers": (1, 9)}),
    "union, first": ({"either": "x"}, {"either": "x"}),
    "union, second": ({"either": ["x"]}, {"either": ("x",)}),
    "union with a table": ({"level": {"share": 2}}, {"level": Inner(share=2.0)}),
    "union with a choice": ({"level": "off"}, {"level": "off"}),
    "choice of a number": ({"rank": 2}, {"rank": 2}),
    "table": ({"inner": {"word": "loud"}}, {"inner": Inner("loud")}),
    "list of tables": ({"item": [ITEM, ITEM]}, {"item": (Item("n", ("p",)), Item("n", ("p",)))}),
    "optional date": (
        {"item": [{**ITEM, "until": date(2026, 2, 3)}]},
        {"item": (Item("n", ("p",), date(2026, 2, 3)),)},
    ),
}


@pytest.mark.parametrize(("table", "expected"), ACCEPTED.values(), ids=ACCEPTED)
def test_right_tables_become_settings(table: dict[str, Any], expected: dict[str, Any]) -> None:
    settings, mistakes = validate(Everything, table)
    assert mistakes == []
    assert settings == Everything(**expected)
    assert repr(settings) == repr(Everything(**expected))  # 3 and 3.0 are equal, too


TEXTS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "string": ({"text": "a, b"}, {"text": "a, b"}),
    "true": ({"flag": "Yes"}, {"flag": True}),
    "false": ({"flag": "0"}, {"flag": False}),
    "number": ({"number": "3", "any-number": "-1.5"}, {"number": 3, "any_number": -1.5}),
    "seconds": ({"wait": "90"}, {"wait": 90.0}),
    "duration": ({"wait": "10m"}, {"wait": 600.0}),
    "date": ({"day": "2026-02-03"}, {"day": date(2026, 2, 3)}),
    "choice": ({"rank": "2"}, {"rank": 2}),
    "choice of a word": ({"rank": "top"}, {"rank": "top"}),
    "commas": ({"words": "a, b,c ,"}, {"words": ("a", "b", "c")}),
    "lines": ({"words": "\na\n\nb, c,\n"}, {"words": ("a", "b, c")}),
    "commas and lines of globs": ({"globs": "a, b\nc"}, {"globs": ("a", "b", "c")}),
    "nothing in a list": ({"globs": ""}, {"globs": ()}),
    "numbers": ({"numbers": "1, 2"}, {"numbers": (1, 2)}),
    "arguments": ({"args": "-m 'a b'\n-q"}, {"args": ("-m", "a b", "-q")}),
    "union, one line": ({"either": "a b"}, {"either": "a b"}),
    "union, lines": ({"either": "a\nb"}, {"either": ("a", "b")}),
}


@pytest.mark.parametrize(("texts", "expected"), TEXTS.values(), ids=TEXTS)
def test_texts_of_ini_files_become_settings(
    texts: dict[str, str], expected: dict[str, Any]
) -> None:
    table = Sections({key: Text(value.strip()) for key, value in texts.items()})
    settings, mistakes = validate(Everything, table)
    assert mistakes == []
    assert repr(settings) == repr(Everything(**expected))


SECTIONS: dict[str, tuple[Sections, tuple[Item, ...]]] = {
    "the label is the name": (
        Sections(core=Sections(paths=Text("a"))),
        (Item("core", ("a",)),),
    ),
    "unless a name is given": (
        Sections(core=Sections(name=Text("x"), paths=Text("a")), b=Sections(paths=Text("c"))),
        (Item("x", ("a",)), Item("b", ("c",))),
    ),
    "one item without a label": (
        Sections(name=Text("x"), paths=Text("a")),
        (Item("x", ("a",)),),
    ),
    "none": (Sections(), ()),
}


@pytest.mark.parametrize(("sections", "expected"), SECTIONS.values(), ids=SECTIONS)
def test_sections_are_the_items_of_a_list(sections: Sections, expected: tuple[Item, ...]) -> None:
    settings, mistakes = validate(Everything, Sections(item=sections))
    assert mistakes == []
    assert settings == Everything(item=expected)


REFUSED: dict[str, tuple[Any, str, str]] = {
    "no table": (3, "", "expected a table, got 3"),
    "a list for a table": ({"inner": [1]}, "inner", "expected a table, got a list"),
    "unknown key": ({"txt": 1}, "txt", 'unknown key; did you mean "text"?'),
    "unknown key in other case": ({"Text": 1}, "Text", 'unknown key; did you mean "text"?'),
    "unknown key, hyphenated": (
        {"any_nmber": 1},
        "any_nmber",
        'unknown key; did you mean "any-number"?',
    ),
    "unknown key like none": (
        {"inner": {"zzz": 1}},
        "inner.zzz",
        "unknown key; the keys are word, share",
    ),
    "key of one section": ({"until": 1}, "until", 'unknown key; did you mean "item.until"?'),
    "key of several sections": (
        {"word": 1},
        "word",
        "unknown key; it belongs into one of the sections level, inner",
    ),
    "key of the main section": (
        {"inner": {"number": 1}},
        "inner.number",
        "unknown key; it belongs into the main section, before the first sub-section",
    ),
    "both spellings": (
        {"any-number": 1, "any_number": 1},
        "any_number",
        'given twice: also as "any-number"',
    ),
    "missing key": (
        {"item": [{"name": "n"}]},
        "item.0.paths",
        "missing key; expected a list of globs, or one string",
    ),
    "string": ({"text": 1.5}, "text", "expected a string, got 1.5"),
    "string with NUL": ({"text": "a\0"}, "text", "must not hold a NUL character"),
    "boolean": ({"flag": "yes"}, "flag", 'expected true or false, got "yes"'),
    "number for a boolean": ({"flag": 1}, "flag", "expected true or false, got 1"),
    "boolean for a number": (
        {"number": True},
        "number",
        "expected a whole number from 0 on, got true",
    ),
    "fraction": ({"number": 1.0}, "number", "expected a whole number from 0 on, got 1.0"),
    "below": ({"number": -1}, "number", "expected a whole number from 0 on, got -1"),
    "over": (
        {"inner": {"share": 100.5}},
        "inner.share",
        "expected a number from 0 to 100, got 100.5",
    ),
    "not a number": ({"any-number": float("nan")}, "any-number", "expected a number, got nan"),
    "infinite": ({"any-number": float("inf")}, "any-number", "expected a number, got inf"),
    "huge": ({"any-number": 10**5000}, "any-number", "expected a number, got a huge number"),
    "no time": (
        {"wait": "0s"},
        "wait",
        'expected seconds, or a duration such as "90s" or "10m", above 0, got "0s"',
    ),
    "no duration": (
        {"wait": "10 min"},
        "wait",
        'expected seconds, or a duration such as "90s" or "10m", above 0, got "10 min"',
    ),
    "regular expression": (
        {"pattern": "(a"},
        "pattern",
        'not a regular expression: missing ), unterminated subpattern at position 0, in "(a"',
    ),
    "date and time": (
        {"day": datetime(2026, 1, 1)},
        "day",
        "expected a date such as 2026-03-31, got 2026-01-01 00:00:00",
    ),
    "date out of the calendar": (
        {"day": "2026-02-30"},
        "day",
        "no such day: 2026-02-30 (day is out of range for month)",
    ),
    "no date": ({"day": "soon"}, "day", 'expected a date such as 2026-03-31, got "soon"'),
    "empty glob": ({"globs": ["a", " "]}, "globs.1", "expected a glob, got an empty string"),
    "absolute path": (
        {"roots": "/src"},
        "roots.0",
        'expected a path relative to the repository and inside it, got "/src"',
    ),
    "absolute path on windows": (
        {"roots": ["C:\\src"]},
        "roots.0",
        'expected a path relative to the repository and inside it, got "C:\\\\src"',
    ),
    "path out of the repository": (
        {"roots": "a/../../b"},
        "roots.0",
        'expected a path relative to the repository and inside it, got "a/../../b"',
    ),
    "quotes of arguments": (
        {"args": "'a"},
        "args",
        "cannot be split as a shell does: No closing quotation",
    ),
    "no list": ({"words": 3}, "words", "expected a list of strings, or one string, got 3"),
    "item": ({"words": ["a", 3]}, "words.1", "expected a string, got 3"),
    "item out of range": (
        {"numbers": [1, 10]},
        "numbers.1",
        "expected a whole number from 1 to 9, got 10",
    ),
    "too few items": (
        {"item": [{"name": "n", "paths": []}]},
        "item.0.paths",
        "expected a list of globs, or one string, got an empty list",
    ),
    "table for a list": ({"item": ITEM}, "item", "expected a list of tables, got a table"),
    "union": ({"either": 3}, "either", "expected a string or a list of strings, got 3"),
    "inside a union": ({"either": ["a", 3]}, "either.1", "expected a string, got 3"),
    "inside a table of a union": (
        {"level": {"wrd": "loud"}},
        "level.wrd",
        'unknown key; did you mean "word"?',
    ),
    "choice": ({"rank": 3}, "rank", 'expected 1, 2 or "top", got 3'),
    "choice by equality": ({"rank": True}, "rank", 'expected 1, 2 or "top", got true'),
    "near choice": (
        {"inner": {"word": "lout"}},
        "inner.word",
        'expected "loud" or "quiet", got "lout"; did you mean "loud"?',
    ),
    "long value": ({"flag": "x" * 90}, "flag", f'expected true or false, got "{"x" * 57}..."'),
    "control characters": (
        {"flag": "\x1b[2J\x9b"},
        "flag",
        'expected true or false, got "\\u001b[2J\\u009b"',
    ),
}


@pytest.mark.parametrize(("table", "path", "message"), REFUSED.values(), ids=REFUSED)
def test_wrong_tables_are_told(table: Any, path: str, message: str) -> None:
    settings, mistakes = validate(Everything, table)
    assert settings is None
    assert [(".".join(map(str, where)), said) for where, said in mistakes] == [(path, message)]


def test_all_mistakes_are_told_at_once() -> None:
    table = {
        "txt": 1,
        "flag": 1,
        "item": [{"nam": 1}, {**ITEM, "until": 1}],
        "inner": {"share": -1, "word": 1},
    }
    _, mistakes = validate(Everything, table)
    assert [".".join(map(str, mistake.path)) for mistake in mistakes] == [
        "txt",
        "flag",
        "item.0.nam",
        "item.0.name",
        "item.0.paths",
        "item.1.until",
        "inner.share",
        "inner.word",
    ]


def test_a_type_that_settings_cannot_have_is_named() -> None:
    with pytest.raises(TypeError, match="bytes"):
        describe(bytes, Meta(""))


NAMES = st.sampled_from([*keys_of(Everything), *keys_of(Settings), "any_number", "level", "name"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.from_regex(r"[0-9]{1,3}[hms]|\(+|[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.text().map(Text)
)
JUNK = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=4)
        | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=4).map(Sections)
    ),
    max_leaves=15,
)


@hypothesis.settings(deadline=None)
@given(st.sampled_from([Everything, Settings]), JUNK)
@example(Everything, {"pattern": "(?i:" * 9999})
@example(Everything, {"pattern": "a{99999999999999999999}"})
@example(Everything, {"day": time(1)})
@example(Everything, {"wait": "9" * 400 + "h"})
def test_a_table_of_junk_gives_settings_or_mistakes(settings: type, table: object) -> None:
    value, mistakes = validate(settings, table)
    assert (value is None) == bool(mistakes)
    assert all(mistake.message for mistake in mistakes)
