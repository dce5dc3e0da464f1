"""Whether an answer about memory still holds, by the names in which files differ."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from covgate.impact.telling import Told, starts, tell
from covgate.impact.unmoved import NotedIndex, is_unmoved
from covgate.source.blocks.facts import Facts, memory_of
from covgate.source.blocks.units import read

if TYPE_CHECKING:
    from collections.abc import Mapping

STORE = "_s = {}\ndef fetch(k):\n    return _s.get(k)\ndef put(k):\n    _s[k] = k\n"
ASK = "from app.store import fetch\ndef ask(k):\n    if fetch(k):\n        return 1\n    return 2\n"
LOG = (
    "class Log:\n    limit = 3\n    def __init__(self):\n        self.seen = set()\n"
    "    def once(self, k):\n        new = k not in self.seen\n        self.seen.add(k)\n        return new\n"
    "LOG = Log()\n"
)
FILES = {
    "app/store.py": STORE,
    "app/a.py": ASK,
    "app/log.py": LOG,
    "app/b.py": "def plain(k):\n    return k\n",
}
UNMOVED = {
    "another body": ("app/b.py", "def plain(k):\n    return k + 1\n"),
    "a function that nobody knows": ("app/a.py", ASK + "def other(k):\n    return k\n"),
    "a question that nobody answers": (
        "app/b.py",
        "def plain(k):\n    if k.size or simple(k):\n        return 1\ndef simple(k):\n    return k\n",
    ),
    "a question less": ("app/b.py", "def plain(k):\n    return 3\n"),
    "another import": (
        "app/b.py",
        "import json\nfrom app.other import words\ndef plain(k):\n    return k\n",
    ),
}
MOVED = {
    "somebody asks": ("app/b.py", "from app.store import fetch\ndef plain(k):\n    if fetch(k):\n        return 1\n"),
    "nobody asks": ("app/a.py", "def ask(k):\n    return 2\n"),
    "asked by an object": ("app/b.py", "from app.log import LOG\ndef plain(k):\n    if LOG.once(k):\n        return 1\n"),
    "another function tells": ("app/store.py", STORE.replace("def fetch", "def fetched")),
    "another name": ("app/a.py", ASK.replace("import fetch", "import fetch as load").replace("if fetch", "if load")),
    "what is handed on": ("app/b.py", "from app.store import fetch\ndef plain(k):\n    return fetch(k)\n"),
    "what is changed": ("app/store.py", STORE.replace("_s[k] = k", "pass")),
    "a class less": ("app/log.py", LOG.replace("class Log", "class Other").replace("Log()", "Other()")),
}  # fmt: skip


def facts_of(files: Mapping[str, str]) -> dict[str, Facts]:
    return {path: read(text.encode()) for path, text in files.items()}


def answer(facts: Mapping[str, Facts]) -> Told:
    def index() -> NotedIndex:
        return NotedIndex(facts, ("", *starts(facts)), facts.__getitem__)

    return tell({path: memory_of(one) for path, one in facts.items()}, index)


def unmoved(told: Told, before: Mapping[str, Facts], now: Mapping[str, Facts]) -> bool:
    return is_unmoved(told.words, [(before[path], now[path]) for path in now])


@pytest.mark.parametrize(("path", "text"), UNMOVED.values(), ids=UNMOVED)
def test_other_names_move_nothing(path: str, text: str) -> None:
    before, now = facts_of(FILES), facts_of({**FILES, path: text})
    told = answer(before)
    assert told.found
    assert unmoved(told, before, now)
    assert answer(now).found == told.found


@pytest.mark.parametrize(("path", "text"), MOVED.values(), ids=MOVED)
def test_names_that_it_was_found_by_may_move_it(path: str, text: str) -> None:
    before, now = facts_of(FILES), facts_of({**FILES, path: text})
    assert not unmoved(answer(before), before, now)


def test_who_asks_and_who_changes_may_come_together() -> None:
    before = facts_of(FILES)
    asking = "from app.b import HOME\ndef f(k):\n    if HOME.full:\n        return 1\n"
    changing = "from app.c import C\nHOME = C()\ndef fill():\n    HOME.full = True\n"
    more = {
        **FILES,
        "app/c.py": "class C:\n    full = False\n",
        "app/d.py": "",
        "app/b.py": "from app.c import C\nHOME = C()\n",
    }
    before = facts_of(more)
    now = facts_of({**more, "app/d.py": asking, "app/b.py": changing})
    told = answer(before)
    assert answer(now).found != told.found
    assert not unmoved(told, before, now)


NAMES = ("alpha", "beta", "gamma", "delta")
PIECES = (
    "{0} = {{}}\n", "{0} = {1}\n", "{0} = {1}()\n", "from app.{m} import {0}\n", "from app.{m} import {0} as {1}\n",
    "from app.{m} import *\n", "import app.{m} as {0}\n",
    "def {0}(k):\n    return {1}.get(k)\n", "def {0}(k):\n    {1}[k] = 1\n", "def {0}(k):\n    {1}.{2} = k\n",
    "def {0}(k):\n    if {1}(k):\n        return 1\n    return 2\n", "def {0}(k):\n    if {1}.{2}:\n        return 1\n",
    "def {0}(k):\n    return {1}(k)\n", "def {0}(k):\n    global {1}\n    {1} = k\n", "def {0}(k):\n    k.{1} = 2\n",
    "class {0}:\n    {1} = []\n    def put(self, k):\n        self.{2}[k] = 1\n        self.{3} = {{}}\n",
    "class {0}:\n    def {1}(self, k):\n        new = k in self.{2}\n        self.{2}[k] = 1\n        return new\n",
    "class {0}({1}):\n    def {2}(self, k):\n        if self.{3}(k):\n            return 1\n",
    "class {0}({1}):\n    def __new__(cls):\n        return {2}\n    def {3}(self):\n        self.{2} = 1\n",
)  # fmt: skip


def drawn(chance: random.Random) -> str:
    names = [chance.choice(NAMES) + chance.choice(("", "", "1")) for _ in range(4)]
    return chance.choice(PIECES).format(*names, m=chance.choice("abc"))


@pytest.mark.parametrize("seed", range(2))
def test_what_did_not_move_is_told_again(seed: int) -> None:
    chance = random.Random(seed)
    kept = 0
    for _ in range(15):
        texts = {f"app/{m}.py": [drawn(chance) for _ in range(5)] for m in "abc"}
        before = facts_of({path: "".join(some) for path, some in texts.items()})
        told = answer(before)
        for _ in range(4):
            edited = {path: [*some] for path, some in texts.items()}
            for path in chance.sample([*edited], chance.choice((1, 1, 2))):
                some = edited[path]
                some[chance.randrange(len(some))] = chance.choice((drawn(chance), ""))
                chance.shuffle(some)
            now = facts_of({path: "".join(some) for path, some in edited.items()})
            if unmoved(told, before, now):
                kept += 1
                assert answer(now).found == told.found
    assert kept
