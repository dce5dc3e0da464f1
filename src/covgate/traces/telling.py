"""What was told of a tree by what its files remember, as the store keeps it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from covgate.traces.postings import Backwards

# Another one whenever it is told otherwise who remembers: then what was kept says nothing.
VERSION = 1
# With the environment, the name under which it is kept.
_NAME = "told "


class Kept(NamedTuple):
    """An answer about one tree.

    `files` are all of it, as lines of mode, version and path, `roots` and `facts` what else the
    answer depended on. `found` are the functions that ask what others remember, with the names by
    which they do, `keeping` the files with functions that remember by themselves, `words` the names
    that all was found by.
    """

    files: frozenset[str]
    roots: tuple[str, ...]
    facts: int
    found: Mapping[tuple[str, str], frozenset[str]]
    keeping: frozenset[str]
    words: tuple[frozenset[str], ...]


def dump(one: Kept) -> bytes:
    """Return an answer as bytes."""
    found = [[path, key, sorted(names)] for (path, key), names in sorted(one.found.items())]
    words = [sorted(names) for names in one.words]
    said = [VERSION, one.roots, one.facts, found, sorted(one.keeping), words]
    text = json.dumps(said) + "\0" + "\0".join(sorted(one.files))
    return zlib.compress(text.encode("utf-8", "surrogateescape"), 1)


def load(data: bytes) -> Kept | None:
    """Undo `dump`; None for what another version wrote. Raises `ValueError` and `zlib.error`."""
    head, *files = zlib.decompress(data).decode("utf-8", "surrogateescape").split("\0")
    version, *said = json.loads(head)
    if version != VERSION:
        return None
    roots, facts, found, keeping, words = said
    return Kept(
        frozenset(files),
        tuple(roots),
        facts,
        {(path, key): frozenset(names) for path, key, names in found},
        frozenset(keeping),
        tuple(map(frozenset, words)),
    )


class Answers:
    """What was last told in each environment; `backwards` gives the store."""

    def __init__(self, backwards: Callable[[], Backwards]) -> None:
        self._backwards = backwards
        self._fresh: dict[str, Kept] = {}

    def last(self, environment: str) -> Kept | None:
        """Return what was last told, None where that is not known."""
        with suppress(sqlite3.Error, zlib.error, ValueError, TypeError):  # damaged: told anew
            data = self._backwards().compared(_NAME + environment)
            return None if data is None else load(data)
        return None

    def note(self, environment: str, told: Kept) -> None:
        """Keep what was told."""
        self._fresh[environment] = told

    def save(self) -> None:
        """Write what was told since; where that cannot be written it is told anew."""
        with suppress(sqlite3.Error):
            for environment, one in self._fresh.items():
                self._backwards().keep(_NAME + environment, dump(one))
        self._fresh.clear()
