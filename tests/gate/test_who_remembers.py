"""What was told of who remembers is kept from tree to tree, and told anew where it may have moved."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from covgate.change.snapshot import Entry, MemorySnapshot
from covgate.gate.evidence import Archive
from covgate.traces.store import Store

if TYPE_CHECKING:
    from pathlib import Path

STORE = "_s = {}\ndef fetch(k):\n    return _s.get(k)\ndef put(k):\n    _s[k] = k\n"
ASK = "from app.store import fetch\ndef ask(k):\n    if fetch(k):\n        return 1\n    return 2\n"
PLAIN = "def plain(k):\n    return k\n"
FILES = {"app/store.py": STORE, "app/a.py": ASK, "app/b.py": PLAIN, "docs/index.md": "Words\n"}
TOLD = {("app/a.py", "ask")}
ASKS_TOO = PLAIN.replace("return k", "if fetch(k):\n        return 1\n").replace(
    "def", "from app.store import fetch\ndef", 1
)
Answer = tuple[set[tuple[str, str]], set[str]]


class Clone:
    """A store, and the trees that come one after the other."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.texts: dict[str, bytes] = {}
        self.read: set[str] = set()

    def told(self, files: dict[str, str], modes: dict[str, str] | None = None) -> Answer:
        snapshot = MemorySnapshot(files)
        for path, entry in snapshot.entries.items():
            self.texts[entry.blob] = files[path].encode()
        snapshot.entries = {
            path: Entry((modes or {}).get(path, entry.mode), entry.blob)
            for path, entry in snapshot.entries.items()
        }
        with Store(self.place / "evidence.sqlite") as store:
            archive = Archive(store, "env", snapshot, self.place, {}, self.texts.get)
            asked: list[int] = []
            known = store.memories
            store.memories = lambda blobs: asked.append(len(blobs)) or known(blobs)  # type: ignore[method-assign, func-returns-value]
            answer = set(archive.told), set(archive.remembering())
            self.read = {"all"} if asked else set()
        return answer


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    clone = Clone(tmp_path)
    assert clone.told(FILES) == (TOLD, {"app/a.py", "app/store.py"})
    assert clone.read == {"all"}
    return clone


KEPT = {
    "the same tree": {},
    "another body": {"app/b.py": "def plain(k):\n    return k * 2\n"},
    "a function more": {"app/b.py": PLAIN + "def more(k):\n    return k\n"},
    "a document": {"docs/index.md": "Other words\n"},
    "a document more": {"docs/more.md": "More\n"},
}
ANEW: dict[str, tuple[dict[str, str], set[tuple[str, str]]]] = {
    "somebody asks": ({"app/b.py": ASKS_TOO}, {*TOLD, ("app/b.py", "plain")}),
    "nobody asks": ({"app/a.py": PLAIN}, set()),
    "a module more": ({"app/c.py": ASK}, {*TOLD, ("app/c.py", "ask")}),
    "a folder more": ({"more/index.md": "Words\n"}, TOLD),
    "what cannot be read": ({"app/b.py": "def (:\n"}, TOLD),
}


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT)
def test_it_is_kept(clone: Clone, change: dict[str, str]) -> None:
    assert clone.told({**FILES, **change}) == (TOLD, {"app/a.py", "app/store.py"})
    assert not clone.read


@pytest.mark.parametrize(("change", "expected"), ANEW.values(), ids=ANEW)
def test_it_is_told_anew(
    clone: Clone, change: dict[str, str], expected: set[tuple[str, str]]
) -> None:
    files = {**FILES, **change}
    assert clone.told(files)[0] == expected
    assert clone.read
    assert clone.told(files)[0] == expected
    assert not clone.read


def test_a_file_less(clone: Clone) -> None:
    files = {path: text for path, text in FILES.items() if path != "app/store.py"}
    assert clone.told(files)[0] == set()
    assert clone.read


def test_a_file_that_remembers_by_itself_is_found(clone: Clone) -> None:
    text = (
        PLAIN + "_last = {}\ndef last(k):\n    if k in _last:\n        return 1\n    _last[k] = 1\n"
    )
    assert clone.told({**FILES, "app/b.py": text})[1] == {"app/a.py", "app/b.py", "app/store.py"}
    assert clone.told(FILES)[1] == {"app/a.py", "app/store.py"}


def test_many_files_are_told_anew(clone: Clone) -> None:
    many = {f"app/m{number}.py": PLAIN for number in range(40)}
    clone.told({**FILES, **many})
    others = dict.fromkeys(many, "def plain(k):\n    return 3\n")
    assert clone.told({**FILES, **others})[0] == TOLD
    assert clone.read


def test_symbolic_links_are_told_anew(clone: Clone) -> None:
    for _ in range(2):
        clone.told({**FILES, "link": "app"}, {"link": "120000"})
        assert clone.read


@pytest.mark.parametrize("data", [b"", b"no", b"x\x9c"], ids=["nothing", "no data", "half"])
def test_what_is_damaged_is_told_anew(clone: Clone, data: bytes) -> None:
    with sqlite3.connect(clone.place / "evidence.sqlite") as db:
        assert db.execute("UPDATE compared SET data=?", (data,)).rowcount == 1
    assert clone.told(FILES) == (TOLD, {"app/a.py", "app/store.py"})
    assert clone.read
