"""The cache of facts saves time and never costs an answer."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from covgate.change.snapshot import MemorySnapshot
from covgate.source import cache as cache_module
from covgate.source.cache import FactsCache
from covgate.source.facts import NO_FACTS
from covgate.source.imports import python_facts
from covgate.source.reader import SnapshotFacts

if TYPE_CHECKING:
    from pathlib import Path

FACTS = python_facts(b"import a.b\nfrom . import c\nx = open('d/e.json')\nimport_module(n)\n")


class CountingSnapshot(MemorySnapshot):
    reads = 0

    def read(self, path: str) -> bytes | None:
        self.reads += 1
        return super().read(path)


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "facts.db"
    FactsCache(path).store({"one": FACTS, "two": NO_FACTS})
    assert FactsCache(path).load(["one", "two", "three"]) == {"one": FACTS, "two": NO_FACTS}


def test_many_blobs_are_loaded(tmp_path: Path) -> None:
    cache = FactsCache(tmp_path / "f.db")
    cache.store({str(n): FACTS for n in range(2500)})
    assert len(cache.load([str(n) for n in range(2500)])) == 2500


def test_a_known_tree_is_not_read_again(tmp_path: Path) -> None:
    files = {f"m{n}.py": f"import a{n}" for n in range(5)}
    first, second = CountingSnapshot(files), CountingSnapshot(files)
    for snapshot in (first, second):
        reader = SnapshotFacts(snapshot, FactsCache(tmp_path / "f.db"))
        assert [reader.facts(f"m{n}.py").modules for n in range(5)] == [{f"a{n}"} for n in range(5)]
    assert (first.reads, second.reads) == (5, 0)


def test_many_files_at_once_give_the_same_facts() -> None:
    files = {f"m{n}.py": f"import a{n}" for n in range(400)}
    reader = SnapshotFacts(MemorySnapshot(files), FactsCache(None))
    assert all(reader.facts(f"m{n}.py").modules == {f"a{n}"} for n in range(400))


def test_files_that_are_no_programs_have_no_facts() -> None:
    reader = SnapshotFacts(MemorySnapshot({"a.json": "import a"}), FactsCache(None))
    assert reader.facts("a.json") == reader.facts("missing.py") == NO_FACTS


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "f.db"
    path.write_bytes(b"not a database " * 100)
    cache = FactsCache(path)
    assert cache.load(["one"]) == {}
    cache.store({"one": FACTS})
    assert cache.load(["one"]) == {"one": FACTS}
    assert (tmp_path / "f.db.damaged").exists()


def test_damaged_rows_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "f.db"
    FactsCache(path).store({"one": FACTS})
    with sqlite3.connect(path) as database:
        database.execute("update import_facts set facts = 'x'")
    assert FactsCache(path).load(["one"]) == {}


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_no_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    FactsCache(tmp_path / "f.db").store({"one": FACTS})


def test_a_path_that_cannot_be_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = FactsCache(tmp_path / "file" / "f.db")
    cache.store({"one": FACTS})
    assert cache.load(["one"]) == {}


def test_a_locked_file_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_PATIENCE_S", 0.05)
    path = tmp_path / "f.db"
    FactsCache(path).store({"one": FACTS})
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    FactsCache(path).store({"two": FACTS})
    holder.close()
    assert FactsCache(path).load(["one", "two"]) == {"one": FACTS}


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.db"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: FactsCache(path).store({str(n): FACTS}), range(12)))
    assert len(FactsCache(path).load([str(n) for n in range(12)])) == 12


def test_the_oldest_that_nobody_uses_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "_KEPT", 10)
    cache = FactsCache(tmp_path / "f.db")
    cache.store({f"old{n}": FACTS for n in range(10)})
    cache.store({"new": FACTS}, ["old3"])
    kept = cache.load([*(f"old{n}" for n in range(10)), "new"])
    assert {"old3", "new"} <= kept.keys()
    assert len(kept) < 10
