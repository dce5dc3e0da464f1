"""Who decides by what functions of other files remember."""

from __future__ import annotations

import pytest

from covgate.impact.index import Index
from covgate.impact.telling import starts, told
from covgate.source.blocks import facts as source_facts
from covgate.source.blocks.facts import memory_of
from covgate.source.blocks.units import read

STORE = "_s = {}\ndef fetch(k):\n    return _s.get(k)\ndef put(k):\n    _s[k] = k\ndef twice(k):\n    return k * 2\n"
ASK = "def ask(k):\n    if {}(k):\n        return 1\n    return 2\n"
BY_NAME = "from app.store import fetch\n" + ASK.format("fetch")
OBJECT = (
    "class C:\n    ready = False\n    limit = 3\nS = C()\ndef mark():\n    S.ready = True\n"
    "def get():\n    return S\n"
)
LOG = (
    "class Log:\n    def __init__(self):\n        self.seen = set()\n    def once(self, k):\n"
    "        new = k not in self.seen\n        self.seen.add(k)\n        return new\nLOG = Log()\n"
)
INHERITING = (
    "from app.s import Log\nclass Own(Log):\n    def ask(self):\n        if self.once(1):\n"
    "            return 1\n        return 2\n"
)
Files = dict[str, str]
TOLD: dict[str, tuple[Files, set[str]]] = {
    "by name": ({"app/a.py": BY_NAME}, {"app/a.py:ask"}),
    "under another name": (
        {"app/a.py": "from app.store import fetch as f\n" + ASK.format("f")},
        {"app/a.py:ask"},
    ),
    "of a module": (
        {"app/a.py": "import app.store\n" + ASK.format("app.store.fetch")},
        {"app/a.py:ask"},
    ),
    "of a module under another name": (
        {"app/a.py": "import app.store as s\n" + ASK.format("s.fetch")},
        {"app/a.py:ask"},
    ),
    "relative": ({"app/sub/a.py": "from ..store import fetch\n" + ASK.format("fetch")}, {"app/sub/a.py:ask"}),
    "relative module": ({"app/a.py": "from . import store\n" + ASK.format("store.fetch")}, {"app/a.py:ask"}),
    "imported in the function": (
        {"app/a.py": "def ask(k):\n    from .store import fetch\n    if fetch(k):\n        return 1\n"},
        {"app/a.py:ask"},
    ),
    "imported where it is there": (
        {"app/a.py": "try:\n    from app.store import fetch\nexcept ImportError:\n    fetch = None\n" + ASK.format("fetch")},
        {"app/a.py:ask"},
    ),
    "star": ({"app/a.py": "from app.store import *\n" + ASK.format("fetch")}, {"app/a.py:ask"}),
    "handed on by a package": (
        {"app/__init__.py": "from .store import fetch as load\n", "b.py": "from app import load\n" + ASK.format("load")},
        {"b.py:ask"},
    ),
    "handed on by a star": (
        {"app/__init__.py": "from .store import *\n", "b.py": "from app import fetch\n" + ASK.format("fetch")},
        {"b.py:ask"},
    ),
    "in a folder of sources": (
        {"src/lib/store.py": STORE, "src/lib/a.py": "from lib.store import fetch\n" + ASK.format("fetch")},
        {"src/lib/a.py:ask"},
    ),
    "kept first": (
        {"app/a.py": "from app.store import fetch\ndef ask(k):\n    v = fetch(k)\n    return 2 if v is None else v\n"},
        {"app/a.py:ask"},
    ),
    "by way of others": (
        {
            "app/a.py": BY_NAME,
            "app/b.py": "from app.a import ask\ndef more(k):\n    if ask(k):\n        return 1\n    return 2\n"
            "def most(k):\n    if more(k):\n        print(k)\n",
        },
        {"app/a.py:ask", "app/b.py:more", "app/b.py:most"},
    ),
    "by way of one that only hands it on": (
        {
            "app/a.py": "from app import store\ndef has(k):\n    v = store.fetch(k)\n    return v is not None\n",
            "app/b.py": "from app.a import has\n" + ASK.format("has"),
        },
        {"app/b.py:ask"},
    ),
    "in a circle": (
        {
            "app/a.py": "from app import b\nfrom app.store import fetch\n"
            "def ask(k):\n    return fetch(k) or b.more(k)\n",
            "app/b.py": "from app import a\ndef more(k):\n    return a.ask(k) or 1\n",
        },
        {"app/a.py:ask", "app/b.py:more"},
    ),
    "attribute of an object": (
        {"app/s.py": OBJECT, "app/a.py": "from app.s import S\ndef ask():\n    if S.ready:\n        return 1\n"},
        {"app/a.py:ask"},
    ),
    "attribute of an object that is not changed": (
        {"app/s.py": OBJECT, "app/a.py": "from app.s import S\ndef ask():\n    if S.limit:\n        return 1\n"},
        set(),
    ),
    "object of which an attribute is changed": (
        {"app/s.py": OBJECT, "app/a.py": "from app.s import S\ndef ask():\n    if S is None:\n        return 1\n"},
        set(),
    ),
    "attribute by a name of its own": (
        {
            "app/s.py": OBJECT,
            "app/a.py": "from app import s as t\nT = t.S\ndef ask():\n    if getattr(T, 'ready'):\n        return 1\n",
        },
        {"app/a.py:ask"},
    ),
    "attribute of what a function hands on": (
        {"app/s.py": OBJECT, "app/a.py": "from app import s\ndef ask():\n    v = s.get()\n    if v.ready:\n        return 1\n"},
        {"app/a.py:ask"},
    ),
    "variable that is set from outside": (
        {
            "app/s.py": "X = 1\nY = 1\ndef ask():\n    if X:\n        return 1\ndef other():\n    if Y:\n        return 1\n",
            "app/b.py": "import app.s\ndef mark():\n    app.s.X = 2\n",
        },
        {"app/s.py:ask"},
    ),
    "variable that is given its value back": (
        {
            "app/s.py": "X = 1\ndef ask():\n    if X:\n        return 1\n",
            "app/b.py": "from app import s\ndef mark():\n    old = s.X\n    s.X = 2\n    yield\n    s.X = old\n",
        },
        set(),
    ),
    "module of a package": (
        {
            "app/s.py": "def ask():\n    return 1\n",
            "app/b.py": "import app.s\ndef do():\n    app.s.ask()\ndef ask():\n    if app.s.ask():\n        return 1\n",
        },
        set(),
    ),
    "attribute of a class": (
        {
            "app/s.py": "class C:\n    @classmethod\n    def mark(cls):\n        cls.ready = True\n",
            "app/b.py": "from app.s import C\nclass D(C):\n    pass\ndef ask():\n    if D.ready:\n        return 1\n",
        },
        {"app/b.py:ask"},
    ),
    "class that pytest sets up": (
        {
            "test_s.py": "class TestC:\n    @classmethod\n    def setup_class(cls):\n        cls.ready = True\n"
            "    def test_a(self):\n        if self.ready:\n            assert self\n",
        },
        set(),
    ),
    "method of an object that outlives": (
        {"app/s.py": LOG, "app/b.py": "from app.s import LOG\ndef ask():\n    if LOG.once(1):\n        return 1\n"},
        {"app/b.py:ask"},
    ),
    "method of an object that is made anew": (
        {"app/s.py": LOG, "app/b.py": "from app.s import Log\ndef ask():\n    log = Log()\n    if log.once(1):\n        return 1\n"},
        set(),
    ),
    "method of the same object, which outlives": (
        {"app/s.py": LOG, "app/b.py": INHERITING + "OWN = Own()\n"}, {"app/b.py:Own.ask"},
    ),
    "method of the same object, which does not": ({"app/s.py": LOG, "app/b.py": INHERITING}, set()),
    "method of an object that a function remembers": (
        {
            "app/s.py": LOG,
            "app/b.py": "from functools import cache\nfrom app.s import Log\n@cache\ndef log():\n    return Log()\n"
            "def ask():\n    if log().once(1):\n        return 1\n",
        },
        {"app/b.py:ask"},
    ),
    "method of the one object of a class": (
        {
            "app/s.py": LOG.replace(
                "    def once",
                "    _one = None\n    def __new__(cls):\n        if cls._one is None:\n"
                "            cls._one = object.__new__(cls)\n        return cls._one\n    def once",
            ),
            "app/b.py": "from app.s import Log\ndef ask():\n    if Log().once(1):\n        return 1\n",
        },
        {"app/b.py:ask", "app/s.py:Log.__new__"},
    ),
    "attribute by the attributes of the object": (
        {
            "app/s.py": "class C:\n    ready = False\nS = C()\ndef mark():\n    S.__dict__['ready'] = True\n",
            "app/a.py": "from app.s import S\ndef ask():\n    if S.ready:\n        return 1\n",
        },
        {"app/a.py:ask"},
    ),
    "condition of a comprehension": (
        {"app/a.py": "from app.store import fetch\ndef ask(k):\n    return [1 for k in k if fetch(k)]\n"},
        {"app/a.py:ask"},
    ),
    "value that an object computes once": (
        {
            "app/s.py": "class A:\n    def get(self):\n        if self._x is None:\n            self._x = 1\n        return self._x\n",
            "app/b.py": "from app.s import A\nclass B(A):\n    def ask(self):\n        if self.get():\n            return 1\nX = B()\n",
        },
        set(),
    ),
    "what is computed anew": ({"app/a.py": "from app.store import twice\n" + ASK.format("twice")}, set()),
    "another of that name": (
        {"app/a.py": "from app.other import fetch\n" + ASK.format("fetch"), "app/other.py": "def fetch(k):\n    return k\n"},
        set(),
    ),
    "a local name": ({"app/a.py": "from app.store import fetch\ndef ask(k, fetch):\n    if fetch(k):\n        return 1\n"}, set()),
    "of the standard library": ({"app/a.py": "import os\n" + ASK.format("os.fetch")}, set()),
    "not to decide": ({"app/a.py": "from app.store import fetch\ndef ask(k):\n    fetch(k)\n"}, set()),
    "a file that can't be read": ({"app/a.py": "def (\n"}, set()),
}  # fmt: skip


def _told(files: Files) -> set[str]:
    found = {path: read(text.encode()) for path, text in files.items()}
    written = {
        path: source_facts.from_json(source_facts.to_json(one)) for path, one in found.items()
    }
    assert written == found
    memories = {path: memory_of(one) for path, one in found.items()}
    index = Index(files, ("", *starts(files)), found.__getitem__)
    return {f"{path}:{key}" for path, key in told(memories, lambda: index)}


@pytest.mark.parametrize(("files", "expected"), TOLD.values(), ids=TOLD)
def test_who_decides_by_what_another_file_remembers(files: Files, expected: set[str]) -> None:
    assert _told({"app/store.py": STORE, **files}) == expected


def test_files_that_nobody_asks_are_not_looked_into() -> None:
    files = {"app/store.py": STORE, "app/a.py": "from app.other import find\n" + ASK.format("find")}
    memories = {path: memory_of(read(text.encode())) for path, text in files.items()}

    def never() -> Index:
        raise AssertionError

    assert told(memories, never) == {}


def _asking(name: str, what: str) -> str:
    return f"def {name}(k):\n    if {what}:\n        return 1\n    return 2\n"


def test_what_was_cut_for_one_is_not_cut_for_another() -> None:
    text = "class C:\n    ready = False\nv0 = C()\ndef mark():\n    v0.ready = True\n"
    text += "".join(f"v{number} = v{number - 1}\n" for number in range(1, 10))
    asked = _asking("far", "v9.ready") + _asking("near", "v4.ready")
    assert "a.py:near" in _told({"a.py": text + asked})


def test_two_names_for_one_another_stand_for_the_same() -> None:
    text = "class C:\n    ready = False\nv0 = C()\nv0 = v1\nv1 = v0\ndef mark():\n    v0.ready = True\n"
    asked = _asking("one", "v0.ready") + _asking("other", "v1.ready")
    assert _told({"a.py": text + asked}) >= {"a.py:one", "a.py:other"}


def test_names_and_classes_in_a_circle_come_to_an_end() -> None:
    count = 300
    names = "".join(f"v{number} = v{(number + 1) % count}\n" for number in range(count))
    asked = "".join(_asking(f"f{number}", f"v{number}.ready") for number in range(count))
    changed = "".join(f"def s{number}():\n    v{number}.ready = 1\n" for number in range(count))
    assert len(_told({"a.py": names + asked + changed})) == count
    classes = {
        f"m{number}.py": f"from m{(number + 1) % 60} import C as B\nclass C(B):\n"
        "    def once(self, k):\n        new = k not in self.seen\n        self.seen.add(k)\n"
        "        return new\n    def ask(self):\n        if self.once(1):\n            return 2\nLOG = C()\n"
        for number in range(60)
    }
    assert len(_told(classes)) == 60
