"""What is kept of a comparison, so that the next one only has to look at what changed since."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.change.snapshot import Entry

# Another one whenever it is told otherwise what differs: then what was kept says nothing.
VERSION = 2


class Compared(NamedTuple):
    """All inputs up to the id `newest`, compared with one tree.

    `files` has mode and blob of each file of it, `roots` and `facts` what else the comparison
    depended on. `differing` are the inputs that had another value there; of those that are
    modules, `quiet` are the ones in which nothing but functions differed.
    """

    files: Mapping[str, str]
    roots: tuple[str, ...]
    facts: int
    newest: int
    differing: frozenset[int]
    quiet: frozenset[int]


def files_of(entries: Mapping[str, Entry], unknown: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a tree as they are kept, with modules that git does not know."""
    found = {path: f"{mode} {blob}" for path, (mode, blob) in entries.items()}
    found.update((path, f"unknown {version}") for path, version in unknown.items())
    return found


def dump(one: Compared) -> bytes:
    """Return a comparison as bytes."""
    facts = [VERSION, one.roots, one.facts, one.newest, sorted(one.differing), sorted(one.quiet)]
    files = "\0".join(f"{state} {path}" for path, state in one.files.items())
    text = json.dumps(facts) + "\n" + files
    return zlib.compress(text.encode("utf-8", "surrogateescape"), 1)


def load(data: bytes) -> Compared | None:
    """Undo `dump`; None for what another version wrote. Raises `ValueError` and `zlib.error`."""
    text = zlib.decompress(data).decode("utf-8", "surrogateescape")
    head, _, files = text.partition("\n")
    version, roots, facts, newest, differing, quiet = json.loads(head)
    if version != VERSION:
        return None
    found: dict[str, str] = {}
    for line in files.split("\0") if files else ():
        mode, blob, path = line.split(" ", 2)
        found[path] = f"{mode} {blob}"
    return Compared(found, tuple(roots), facts, newest, frozenset(differing), frozenset(quiet))
