"""Modules, and data, that lie in the tree and that git does not know."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impact_case import Link
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
    made("ignored module changed", 7, {VERSION: ("1.0", "1.1")}, "test_version"),
    made(
        "ignored module changed, in a tree of its own",
        7,
        {VERSION: ("1.0", "1.1")},
        "test_version",
        stray=STRAY,
    ),
    made("ignored module changed where nobody looks", 7, {VERSION: ("7", "8")}),
    made(
        "ignored module deleted",
        None,
        {VERSION: None},
        "test_version",
        *(B + t for t in ("test_ceiling", "test_double", "test_first")),
        C + "test_other",
    ),
    made(
        "ignored module deleted that some import",
        3,
        {MADE: None},
        *(B + t for t in ("test_ceiling", "test_double", "test_first")),
    ),
    made("ignored module becomes tracked", 0, {}, ignored_change="_made.py *.txt"),
    made(
        "ignored module becomes tracked and another one",
        7,
        {VERSION: ("1.0", "1.1")},
        "test_version",
        ignored_change="_made.py *.txt",
    ),
    made(
        "tracked module becomes ignored",
        0,
        {},
        forgotten=("app/core.py",),
        ignored_change=IGNORED + " core.py",
    ),
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
    made(
        "constant that an ignored module hands on",
        2,
        {"app/core.py": ("LIMIT = 1", "LIMIT = 3")},
        B + "test_ceiling",
        B + "test_double",
    ),
    made(
        "function that an ignored module calls",
        1,
        {"app/core.py": ("return LIMIT", "return -LIMIT")},
        B + "test_double",
    ),
    made(
        "function of an ignored module",
        6,
        {MADE: ("2 * limit()", "3 * limit()")},
        B + "test_double",
    ),
    made("constant of an ignored module", 6, {MADE: ("['a']", "['b']")}, B + "test_first"),
    made("ignored module appears", None, {"app/_fast.py": "X = 1\n"}, C + "test_optional"),
    made("ignored data file changed", 1, {"app/data.txt": "y\n"}, C + "test_data"),
    made("ignored data file deleted", 1, {"app/data.txt": None}, C + "test_data"),
]

CODEGEN = """
--- app/__init__.py
--- app/codegen.py
from pathlib import Path

TOP = Path(__file__).parent.parent


def render():
    return 'WORD = 1\\n'


def always():
    (TOP / 'gen_words.py').write_text(render())


def when_different():
    place = TOP / 'gen_words.py'
    if not place.exists() or place.read_text() != render():
        place.write_text(render())


if __name__ == '__main__':
    always()
--- gen_words.py
WORD = 1
--- test_a.py
def test_word():
    import gen_words

    assert gen_words.WORD == 1
"""
RENDERED = {"app/codegen.py": ("WORD = 1", "WORD = 2")}


def generated(name: str, conftest: str) -> Case:
    text = f"{CODEGEN}--- conftest.py\n{conftest}\n"
    return told(name, text, RENDERED, "test_word", ignored="gen_words.py")


BESIDE += [
    generated("module made by a conftest", "from app import codegen\n\ncodegen.always()"),
    generated(
        "module made by a conftest when it is out of date",
        "from app import codegen\n\ncodegen.when_different()",
    ),
    generated(
        "module made by a conftest in an assignment",
        "from app import codegen\n\nMADE = codegen.when_different()",
    ),
    generated(
        "module made by a child of a conftest",
        "import subprocess\nimport sys\n\nsubprocess.run([sys.executable, '-m', 'app.codegen'])",
    ),
    generated(
        "module made by a hook of a conftest",
        "from app import codegen\n\n\ndef pytest_configure():\n    codegen.when_different()",
    ),
    generated(
        "module made by a fixture of the session",
        "import pytest\nfrom app import codegen\n\n\n@pytest.fixture(scope='session', autouse=True)\n"
        "def words():\n    codegen.when_different()",
    ),
    generated(
        "module made by a hook before collection, and renamed",
        "import os\nfrom app.codegen import TOP, render\n\n\ndef pytest_sessionstart():\n"
        "    (TOP / 'tmp.txt').write_text(render())\n"
        "    os.replace(TOP / 'tmp.txt', TOP / 'gen_words.py')",
    ),
]
DATA = (
    CODEGEN.replace("gen_words.py'", "words.txt'")
    .replace(
        "import gen_words\n\n    assert gen_words.WORD == 1",
        "from pathlib import Path\n\n    assert Path('words.txt').read_text() == 'WORD = 1\\n'",
    )
    .replace("--- gen_words.py\nWORD = 1\n", "--- words.txt\nWORD = 1\n")
)
BESIDE += [
    told(
        f"data file made by a conftest{how}",
        f"{DATA}--- conftest.py\nfrom app import codegen\n\ncodegen.{call}()\n",
        RENDERED,
        "test_word",
        ignored="words.txt",
    )
    for how, call in (("", "always"), (" when it is out of date", "when_different"))
]

PARTS = """
--- app/__init__.py
--- app/core.py
from functools import lru_cache

from app.settings_local import *


def scale():
    return FACTOR


def looked(name):
    from app import settings_local

    return getattr(settings_local, name)
--- app/settings_local.py
FACTOR = 2
COLOR = 'red'
--- app/parts/__init__.py
from app.parts.inner import size
--- app/parts/inner.py
from functools import lru_cache

from app.core import scale


@lru_cache
def size():
    return scale()


def spare():
    return 0
--- generated/words.py
WORD = 1
--- tests/conftest.py
import pytest


@pytest.fixture
def price():
    return 3
--- tests/test_price.py
def test_price(price):
    assert price == 3
--- test_a.py
import subprocess
import sys


def test_scale():
    from app.core import scale

    assert scale() == 2


def test_color():
    from app.core import looked

    assert looked('COLOR') == 'red'


def test_size():
    from app import parts

    assert parts.size() == 2


def test_size_again():
    from app.parts import size

    assert size() == 2


def test_word():
    from generated import words

    assert words.WORD == 1


def test_child():
    done = subprocess.run(
        [sys.executable, '-c', 'from app.settings_local import FACTOR; print(FACTOR)'],
        capture_output=True, text=True,
    )
    assert done.stdout == '2\\n'
"""
PART_IGNORED = "settings_local.py /app/parts/ /generated/ conftest.py"
LOCAL, INNER = "app/settings_local.py", "app/parts/inner.py"


def part(name: str, most: int | None, edits: Mapping[str, Edit], *must: str, **more: Any) -> Case:
    return told(name, PARTS, edits, *must, most=most, ignored=PART_IGNORED, **more)


BESIDE += [
    # A folder without `__init__.py` is not looked into.
    part("ignored package and folder as they were", 1, {}),
    part("ignored package, in a tree of its own", 1, {}, stray=STRAY),
    part(
        "module of an ignored package changed",
        6,
        {INNER: ("return scale()", "return -scale()")},
        "test_size",
        "test_size_again",
    ),
    part(
        "module of an ignored package changed, in a tree of its own",
        6,
        {INNER: ("return scale()", "return -scale()")},
        "test_size",
        "test_size_again",
        stray=STRAY,
    ),
    part(
        "function that an ignored package remembers",
        4,
        {"app/core.py": ("return FACTOR", "return -FACTOR")},
        "test_scale",
        "test_size",
        "test_size_again",
    ),
    part("function that nobody calls in an ignored package", 6, {INNER: ("return 0", "return 1")}),
    part(
        "ignored settings by a star import",
        6,
        {LOCAL: ("FACTOR = 2", "FACTOR = 3")},
        "test_scale",
        "test_size",
        "test_size_again",
        "test_child",
    ),
    part("ignored settings by a computed name", None, {LOCAL: ("'red'", "'blue'")}, "test_color"),
    part(
        "ignored settings do not parse",
        None,
        {LOCAL: "FACTOR = = 2\n"},
        "test_scale",
        "test_color",
        "test_size",
        "test_size_again",
        "test_child",
    ),
    part(
        "ignored settings import what is not there",
        None,
        {LOCAL: "import absent\nFACTOR = 2\nCOLOR = 'red'\n"},
        "test_scale",
        "test_color",
        "test_size",
        "test_size_again",
        "test_child",
    ),
    part(
        "module of an ignored folder changed", 1, {"generated/words.py": "WORD = 2\n"}, "test_word"
    ),
    part(
        "ignored conftest changed",
        2,
        {"tests/conftest.py": ("return 3", "return 4")},
        "tests/test_price.py::test_price",
    ),
    told(
        "ignored link to a module elsewhere",
        "\n--- app/__init__.py\n--- ../outside.py\nX = 1\n--- test_a.py\ndef test_x():\n"
        "    from app.linked import X\n\n    assert X == 1\n",
        {"../outside.py": "X = 2\n"},
        "test_x",
        files={"app/linked.py": Link("../../outside.py")},
        ignored="linked.py",
    ),
]

_COMPILED = importlib.util.find_spec("_heapq")
if _COMPILED is not None and str(_COMPILED.origin).endswith(".so"):
    HEAP = Path(str(_COMPILED.origin)).read_bytes()
    BUILT = """
--- app/__init__.py
--- app/_heapq.py
def heapify(x):
    raise TypeError('slow')
--- app/queue.py
from app._heapq import heapify


def make(x):
    heapify(x)
    return x
--- test_a.py
import pytest


def test_heap():
    from app.queue import make

    assert make([2, 1]) == [1, 2]


def test_slow():
    from app.queue import make

    with pytest.raises(TypeError):
        make([2, 1])


def test_origin():
    from app import _heapq

    assert _heapq.__file__.endswith('.so')
"""
    SO = "app/_heapq.so"
    HEAPS = ("test_heap", "test_origin")
    BESIDE += [
        told("compiled module as it was", BUILT, {}, files={SO: HEAP}, ignored="*.so", most=1),
        told(
            "compiled module built anew",
            BUILT,
            {SO: HEAP + b"x"},
            files={SO: HEAP},
            ignored="*.so",
            most=3,
        ),
        told(
            "compiled module cannot be loaded any more",
            BUILT,
            {SO: b"x"},
            *HEAPS,
            files={SO: HEAP},
            ignored="*.so",
        ),
        told(
            "compiled module gone",
            BUILT,
            {SO: None},
            *HEAPS,
            "test_slow",
            files={SO: HEAP},
            ignored="*.so",
        ),
        told("compiled module appears", BUILT, {SO: HEAP}, *HEAPS, "test_slow", ignored="*.so"),
        told("compiled module that git knows changes", BUILT, {SO: b"x"}, *HEAPS, files={SO: HEAP}),
        told(
            "function behind a compiled module",
            BUILT,
            {"app/_heapq.py": ("'slow'", "'slower'")},
            files={SO: HEAP},
            ignored="*.so",
            most=1,
        ),
    ]
