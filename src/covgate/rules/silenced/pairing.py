"""Pair the tests of two trees: the same test may have moved, or got another name."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.silenced.trees import Tree, old_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.change.model import FileChange
    from covgate.source.skips.context import Unit
    from covgate.source.skips.facts import Facts

ALIKE = 0.6
MAX_COMPARISONS = 4000
_COMMON = {"assert", "self", "return", "def", "class", "pass"}


class Key(NamedTuple):
    """A unit of a tree: the file and the qualified name."""

    path: str
    name: str


class Pairing:
    """Which unit of the base a unit of the target was; files likewise."""

    def __init__(self) -> None:
        self.units: dict[Key, Key] = {}
        self.files: dict[str, str] = {}
        self.lost: dict[Key, Unit] = {}

    def unit(self, path: str, name: str) -> Key | None:
        return self.units.get(Key(path, name))


def pair(files: Iterable[FileChange], base: Tree, target: Tree) -> Pairing:
    """Pair the units of the changed files, surest ways first."""
    pairing = Pairing()
    if not base.snapshot.entries:  # everything is new: nothing to read for that
        return pairing
    fresh: dict[Key, Unit] = {}
    seen: set[str] = set()
    for file in files:
        new = target.facts(file.path) if file.status != "deleted" else None
        old = old_path(file, base.snapshot)
        if old is not None:
            pairing.files[file.path] = old
        before = base.facts(old) if old is not None else None
        _pair_file(pairing, fresh, new, before)
        seen.update(filter(None, (old,)))
    for file in files:
        for path in (file.path, file.old_path):
            if path and path not in seen and path not in target.snapshot.entries:
                seen.add(path)
                gone = base.facts(path)
                if gone is not None:
                    pairing.lost.update({Key(path, n): u for n, u in gone.units.items()})
    _pair_by_name(pairing, fresh)
    _pair_by_body(pairing, fresh)
    return pairing


def _pair_file(
    pairing: Pairing, fresh: dict[Key, Unit], new: Facts | None, old: Facts | None
) -> None:
    news = new.units if new else {}
    olds = old.units if old else {}
    for name, unit in news.items():
        assert new is not None
        if old is not None and name in olds and olds[name].kind == unit.kind:
            pairing.units[Key(new.path, name)] = Key(old.path, name)
        else:
            fresh[Key(new.path, name)] = unit
    if old is not None:
        for name, unit in olds.items():
            if name not in news or news[name].kind != unit.kind:
                pairing.lost[Key(old.path, name)] = unit


def _take(pairing: Pairing, fresh: dict[Key, Unit], new: Key, old: Key) -> None:
    pairing.units[new] = old
    del fresh[new]
    del pairing.lost[old]


def _pair_by_name(pairing: Pairing, fresh: dict[Key, Unit]) -> None:
    """Pair units that moved: the old place lost the name, the new place did not have it."""
    places: dict[tuple[str, str], list[Key]] = {}
    for key, unit in pairing.lost.items():
        places.setdefault((unit.kind, unit.short), []).append(key)
    for new, unit in list(fresh.items()):
        candidates = [k for k in places.get((unit.kind, unit.short), ()) if k in pairing.lost]
        if candidates:
            best = max(candidates, key=lambda old: _closeness(pairing, new, unit, old))
            _take(pairing, fresh, new, best)


def _closeness(pairing: Pairing, new: Key, unit: Unit, old: Key) -> tuple[bool, bool, float]:
    other = pairing.lost[old]
    return (
        pairing.files.get(new.path) == old.path,
        unit.parent == other.parent,
        likeness(unit, other),
    )


def _pair_by_body(pairing: Pairing, fresh: dict[Key, Unit]) -> None:
    """Pair units that got another name: the body is much the same."""
    if len(fresh) * len(pairing.lost) > MAX_COMPARISONS:
        return
    scored: list[tuple[float, Key, Key]] = []
    for new, unit in fresh.items():
        for old, other in pairing.lost.items():
            if unit.kind == other.kind:
                score = likeness(unit, other)
                if score >= ALIKE:
                    same_file = pairing.files.get(new.path) == old.path
                    scored.append((score + (0.2 if same_file else 0), new, old))
    for _, new, old in sorted(scored, reverse=True):
        if new in fresh and old in pairing.lost:
            _take(pairing, fresh, new, old)


def body_words(unit: Unit) -> list[str]:
    """Return the words of a unit's body, without its decorators and first line."""
    lines = unit.text.split("\n")
    if unit.body > unit.line:
        text = "\n".join(lines[unit.body - unit.first :])
    else:
        text = lines[unit.line - unit.first].partition(":")[2]
    return [word for word in re.findall(r"\w+", text) if word not in _COMMON]


def likeness(one: Unit, other: Unit) -> float:
    """Return how alike the bodies of two units are, from 0 to 1."""
    left, right = body_words(one), body_words(other)
    if not left or not right:
        return 1.0 if left == right else 0.0
    if left == right:
        return 1.0
    if 2 * min(len(left), len(right)) < ALIKE * (len(left) + len(right)):
        return 0.0
    return SequenceMatcher(None, left, right, autojunk=False).ratio()
