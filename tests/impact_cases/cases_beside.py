"""Modules, and data, that lie in the tree and that git does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from impact_text import told, tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from impact_case import Case
    from impact_text import Edit

PROJECT = """
--- app/__init__.py
from app._version import version
--- app/_version.py
version = '1.0'
build = 7
--- app/core.py
LIMIT = 1


def limit():
    return LIMIT


def other():
    return 2
--- app/_made.py
from app.core import LIMIT as CEILING, limit

WORDS = ['a']


def double():
    return 2 * limit()


def first():
    return WORDS[0]
--- app/data.txt
x
--- test_a.py
def test_version():
    import app

    assert app.version == '1.0'
--- test_b.py
import pytest


@pytest.fixture
def made():
    from app import _made

    return _made


def test_ceiling(made):
    assert made.CEILING == 1


def test_double(made):
    assert made.double() == 2


def test_first(made):
    assert made.first() == 'a'
--- test_c.py
from pathlib import Path


def test_other():
    from app.core import other

    assert other() == 2


def test_data():
    assert Path(__file__).with_name('app').joinpath('data.txt').read_text() == 'x\\n'


def test_optional():
    try:
        from app import _fast
    except ImportError:
        _fast = None
    assert _fast is None
"""
FILES = tree(PROJECT)
IGNORED = "_version.py _made.py _fast.py _fast*.so *.txt /generated/ /app/parts/"


def made(name: str, most: int | None, edits: Mapping[str, Edit], *must: str, **more: Any) -> Case:
    more = {"ignored": IGNORED, **more}
    return told(name, PROJECT, edits, *must, most=most, **more)


B, C = "test_b.py::", "test_c.py::"
VERSION, MADE = "app/_version.py", "app/_made.py"
STRAY = {"scratch.py": "import json\n"}
BESIDE = [
    made("ignored modules as they were", 0, {}),
    made("ignored modules as they were, in a tree of their own", 0, {}, stray=STRAY),
    made("ignored module made again, the same", 0, {VERSION: FILES[VERSION]}),
    made("ignored module changed", 1, {VERSION: ("1.0", "1.1")}, "test_version"),
    made(
        "ignored module changed, in a tree of its own",
        1,
        {VERSION: ("1.0", "1.1")},
        "test_version",
        stray=STRAY,
    ),
    made("ignored module changed where nobody looks", 0, {VERSION: ("7", "8")}),
    made(
        "ignored module deleted",
        None,
        {VERSION: None},
        "test_version",
        *(B + t for t in ("test_ceiling", "test_double", "test_first")),
        C + "test_other",
    ),
    made("ignored module deleted that some import", 3, {MADE: None},
         *(B + t for t in ("test_ceiling", "test_double", "test_first"))),  # fmt: skip
    made("ignored module becomes tracked", 0, {}, ignored_change="_made.py *.txt"),
    made(
        "ignored module becomes tracked and another one",
        1,
        {VERSION: ("1.0", "1.1")},
        "test_version",
        ignored_change="_made.py *.txt",
    ),
    made("tracked module becomes ignored", 0, {}, forgotten=("app/core.py",),
         ignored_change=IGNORED + " core.py"),  # fmt: skip
    made(
        "tracked module is forgotten and not ignored",
        None,
        {},
        *(B + t for t in ("test_ceiling", "test_double", "test_first")),
        C + "test_other",
        forgotten=("app/core.py",),
    ),
    made(
        "ignored module is ignored no more, and not tracked",
        None,
        {},
        *(B + t for t in ("test_ceiling", "test_double", "test_first")),
        forgotten=(MADE,),
        ignored_change=IGNORED.replace("_made.py", ""),
    ),
    made("constant that an ignored module hands on", 2, {"app/core.py": ("LIMIT = 1", "LIMIT = 3")},
         B + "test_ceiling", B + "test_double"),  # fmt: skip
    made("function that an ignored module calls", 1,
         {"app/core.py": ("return LIMIT", "return -LIMIT")}, B + "test_double"),  # fmt: skip
    made("function of an ignored module", 1, {MADE: ("2 * limit()", "3 * limit()")},
         B + "test_double"),  # fmt: skip
    made("constant of an ignored module", 1, {MADE: ("['a']", "['b']")}, B + "test_first"),
    made("ignored module appears", None, {"app/_fast.py": "X = 1\n"}, C + "test_optional"),
    made("ignored data file changed", 1, {"app/data.txt": "y\n"}, C + "test_data"),
    made("ignored data file deleted", 1, {"app/data.txt": None}, C + "test_data"),
]
