"""Lines of the changed files that tests ran earlier, whose results are reused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.alignment import Alignment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from covgate.source.blocks.facts import Facts


class Ran(NamedTuple):
    """Lines of one version of a file that ran."""

    blob: str
    lines: frozenset[int]


def carried_lines(
    target: bytes,
    facts: Facts,
    by_tests: Iterable[Ran],
    on_import: Iterable[Ran],
    source_of: Callable[[str], bytes | None],
    facts_of: Callable[[str], Facts | None],
) -> frozenset[int]:
    """Return the lines of the target's version that are covered without running anything again.

    `by_tests` are lines of reused traces, `on_import` lines that ran outside of tests. Added
    statements of the module that cannot fail are covered when the module was imported to its end.
    """
    found: set[int] = set()
    by_blob: dict[str, set[int]] = {}
    for ran in (*by_tests, *on_import):
        by_blob.setdefault(ran.blob, set()).update(ran.lines)
    for blob, lines in by_blob.items():
        old = source_of(blob)
        if old is None:
            continue
        try:
            alignment = Alignment(old, target)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for line in lines:
            first = alignment.statement_of.get(line, line)
            for place in (line, first):
                if place in alignment.moved:
                    found.add(alignment.moved[place])
        found |= _harmless(facts, facts_of(blob), lines)
    return frozenset(found)


def _harmless(facts: Facts, old: Facts | None, lines: set[int]) -> set[int]:
    """Return the lines of added statements that importing the module certainly runs."""
    if old is None or not old.readable or not facts.readable:
        return set()
    last = [unit for unit in old.units if not unit.owner and unit.kind != "static"][-1:]
    if last and not lines & set(range(last[0].line, last[0].end + 1)):
        return set()
    known = {unit.key for unit in old.units}
    classes = {
        unit.binds[0] for unit in facts.units if unit.kind == "class" and not unit.owner
    }
    return {
        unit.line
        for unit in facts.units
        if unit.harmless
        and unit.kind != "static"
        and (not unit.owner or unit.owner in classes)
        and (unit.key not in known or unit.kind in ("def", "assign", "import"))
    }


def merged(
    executed: frozenset[int], missing: frozenset[int], carried: frozenset[int]
) -> tuple[frozenset[int], frozenset[int]]:
    """Return executed and missing statements once those that were carried over count."""
    gained = missing & carried
    return executed | gained, missing - gained


