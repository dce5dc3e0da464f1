"""The baseline: what was silenced without a reason before the project took covgate up.

A text file with one line a test, so that changes of it are easy to read and to merge. It holds for
the check of the whole project; a change is judged by what it adds, whatever the baseline says. It
only ever shrinks: an entry that a commit adds is a finding, unless its test has only moved.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.finding import Finding
from covgate.rules.silenced.pairing import Key, Pairing, pair
from covgate.rules.silenced.trees import Tree, tree_of
from covgate.source.skips.scopes import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from covgate.change.model import Change
    from covgate.change.snapshot import Snapshot

FILE = ".covgate-baseline"
RULES = frozenset({"skip-without-reason", "config-weakened"})
_RULE = "skip-without-reason"
_HEAD = """\
# Silenced without a reason since before covgate, one test a line. This file only ever shrinks:
# give a reason (or bring the test back) and run `covgate baseline`, which removes the line.
"""
_SHOWN = 3


class Entry(NamedTuple):
    """One thing that is let be: the rule, the file, and the test or other unit in it."""

    rule: str
    path: str
    name: str

    def __str__(self) -> str:
        place = f"{self.path}::{self.name.replace('.', '::')}" if self.name else self.path
        return f"{self.rule} {place}"


def parse(text: str) -> dict[Entry, int]:
    """Return the entries of a baseline with their lines; what is no entry is passed over."""
    found: dict[Entry, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        rule, _, place = line.strip().partition(" ")
        if rule in RULES and place:
            path, _, name = place.partition("::")
            found.setdefault(Entry(rule, path, name.replace("::", ".")), number)
    return found


def render(entries: Iterable[Entry]) -> str:
    """Return the text of a baseline."""
    return _HEAD + "".join(f"{entry}\n" for entry in sorted(set(entries)))


def read(snapshot: Snapshot) -> dict[Entry, int]:
    """Return the entries of the baseline of a tree."""
    data = snapshot.read(FILE) if FILE in snapshot.entries else None
    return parse((data or b"").decode("utf-8", "replace"))


def entry_of(finding: Finding, tree: Tree) -> Entry | None:
    """Return the entry that stands for a finding, None when none can."""
    if finding.rule not in RULES or finding.path is None or "\n" in finding.path:
        return None
    line = finding.end_line or finding.line
    return Entry(finding.rule, finding.path, _unit_at(tree, finding.path, line))


def _unit_at(tree: Tree, path: str, line: int | None) -> str:
    """Return the qualified name of the innermost function or class at a line."""
    module = tree.project.module(path) if path.endswith(".py") else None
    name = ""
    body: list[ast.AST] = []
    if module is not None and line is not None:
        body += module.tree.body
    while body:
        node = body.pop()
        first, last = _span(node)
        if not first <= (line or 0) <= last:
            continue
        if isinstance(node, DEFINITIONS):
            name = f"{name}.{node.name}" if name else node.name
        body = [inner for inner in ast.iter_child_nodes(node) if isinstance(inner, _BLOCKS)]
    return name


_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)


def _span(node: ast.AST) -> tuple[int, int]:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, _span(node.body[-1])[1]
    first: int = node.lineno  # type: ignore[attr-defined]
    last: int = node.end_lineno or first  # type: ignore[attr-defined]
    decorators = node.decorator_list if isinstance(node, DEFINITIONS) else []
    return min([first, *(one.lineno for one in decorators)]), last


# the check of the whole project


def without_known(
    findings: Sequence[Finding], change: Change, judged: Collection[str]
) -> list[Finding]:
    """Return the findings that the baseline does not hold, and what it holds in vain.

    `judged` are the rules that were asked: entries of others are let be.
    """
    known = read(change.target)
    if not known:
        return list(findings)
    tree = tree_of(change.target)
    entries = [entry_of(finding, tree) for finding in findings]
    left = [f for f, entry in zip(findings, entries, strict=True) if entry not in known]
    idle = [e for e in known if e.rule in judged and e not in set(entries)]
    return [*left, *_idle(idle, known)]


def _idle(entries: Sequence[Entry], lines: Mapping[Entry, int]) -> list[Finding]:
    if not entries:
        return []
    places = [str(entry).partition(" ")[2] for entry in entries]
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    line = min(lines[entry] for entry in entries)
    count = "1 entry" if len(places) == 1 else f"{len(places)} entries"
    message = f"{count} of the baseline no longer apply: {', '.join(places[:_SHOWN])}{more}"
    advice = "run `covgate baseline`, and commit the file"
    return [Finding(_RULE, message, FILE, line, line, advice, "warning")]


# a change of the baseline


def added_by_hand(change: Change) -> list[Finding]:
    """Return a finding for each entry that the change adds to every base's baseline.

    The first baseline of a project may hold what it likes: the check of that change does not look
    at it.
    """
    if not any(file.path == FILE and file.status != "deleted" for file in change.files):
        return []
    if any(FILE not in before.entries for before in change.before):
        return []
    target = tree_of(change.target)
    now = read(change.target)
    fresh = set(now)
    for before in change.before:
        base = tree_of(before)
        fresh &= _grown(set(read(before)), set(now), pair(change.files, base, target), base)
    return [
        Finding(
            _RULE,
            f"the baseline grows by hand: {str(entry).partition(' ')[2]}",
            FILE,
            now[entry],
            now[entry],
            "take the line out, and give the skip a reason instead",
        )
        for entry in sorted(fresh)
    ]


def _grown(old: set[Entry], new: set[Entry], pairing: Pairing, base: Tree) -> set[Entry]:
    gone = old - new
    found: set[Entry] = set()
    for entry in sorted(new - old):
        origin = moved_from(entry, pairing)
        if origin not in gone:
            origin = next((one for one in sorted(gone) if _had_moved(one, entry, base)), entry)
        if origin in gone:
            gone.discard(origin)
        else:
            found.add(entry)
    return found


def _had_moved(old: Entry, new: Entry, base: Tree) -> bool:
    """Return whether a test of the same name has moved in an earlier commit."""
    if old.rule != new.rule or old.name.rpartition(".")[2] != new.name.rpartition(".")[2]:
        return False
    return not _has(base, old) and _has(base, new)


def _has(tree: Tree, entry: Entry) -> bool:
    facts = tree.facts(entry.path)
    return entry.path in tree.snapshot.entries and (
        not entry.name or (facts is not None and entry.name in facts.units)
    )


def moved_from(entry: Entry, pairing: Pairing) -> Entry:
    """Return the entry that the same test, or other place, had in the base."""
    key = pairing.unit(entry.path, entry.name) or Key(
        pairing.files.get(entry.path, entry.path), entry.name
    )
    return Entry(entry.rule, key.path, key.name)


def shrunk(old: set[Entry], now: set[Entry], pairing: Pairing) -> tuple[set[Entry], set[Entry]]:
    """Return what remains of a baseline, and what is found that it does not hold.

    Entries whose tests have moved since go on under the new name.
    """
    kept = old & now
    gone = old - now
    for entry in sorted(now - old):
        origin = moved_from(entry, pairing)
        if origin in gone:
            gone.discard(origin)
            kept.add(entry)
    return kept, now - kept
