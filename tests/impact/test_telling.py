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
