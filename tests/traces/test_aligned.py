"""Versions of files side by side are kept, a few for each, and made again where they are damaged."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from covgate.source.blocks import alignment
from covgate.source.blocks.alignment import Alignment
from covgate.traces.store import Store

if TYPE_CHECKING:
    from pathlib import Path

OLD = b"def f(x):\n    if x:\n        return 1\n    return 2\n"
NEW = b"import os\n\n\ndef f(x):\n    if x:\n        return 3\n    return 2\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with Store(tmp_path / "e.sqlite") as store:
        assert store.alignments.align(OLD, NEW) is not None
    return tmp_path / "e.sqlite"


def never(old: bytes, new: bytes) -> Alignment | None:
    raise AssertionError


def test_what_was_kept_is_not_made_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "align", never)
    with Store(file) as store:
        found = store.alignments.align(OLD, NEW)
    assert found is not None
    made = Alignment(OLD, NEW)
    assert (found.moved, found.reaching) == (made.moved, made.reaching)
    assert found.spots("f") == made.spots("f")


@pytest.mark.parametrize(
    "change",
    ["UPDATE aligned SET version='other'", "UPDATE aligned SET data=x'00'", "UPDATE aligned SET data=NULL", "DROP TABLE aligned"],
    ids=["another version", "damaged", "nothing", "no table"],
)  # fmt: skip
def test_what_cannot_be_used_is_made_again(file: Path, change: str) -> None:
    with sqlite3.connect(file) as db:
        db.execute(change)
    with Store(file) as store:
        found = store.alignments.align(OLD, NEW)
    assert found is not None
    assert found.moved == Alignment(OLD, NEW).moved


def test_few_are_kept_of_each_version(file: Path) -> None:
    for number in range(9):
        with Store(file) as store:
            store.alignments.align(OLD, NEW + b"\n" * number)
            store.alignments.align(NEW, OLD)
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM aligned").fetchone() == (5,)


@pytest.mark.parametrize(("old", "new"), [(b"def (", NEW), (OLD, b"def (")])
def test_what_is_not_python_has_none(file: Path, old: bytes, new: bytes) -> None:
    with Store(file) as store:
        assert store.alignments.align(old, new) is None
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM aligned").fetchone() == (1,)
