"""Lines of the changed files that tests ran earlier, whose results are reused."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.alignment import align

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from covgate.source.blocks.alignment import Alignment
    from covgate.source.blocks.facts import Facts


class Carried(NamedTuple):
    """Lines of the target's version of a file that count without running anything again.

    `by_test` are those of each reused trace, `on_import` those that ran outside of any test (they
    count only while the run does not import the file itself).
    """

    by_test: Mapping[int, frozenset[int]]
    on_import: frozenset[int]

    @property
    def of_tests(self) -> frozenset[int]:
        """The lines of all tests."""
        return frozenset().union(*self.by_test.values())


class Versions(NamedTuple):
    """How to get at earlier versions of a file, by blob: text, and facts; `align` compares them."""

    source_of: Callable[[str], bytes | None]
    facts_of: Callable[[str], Facts | None]
    align: Callable[[bytes, bytes], Alignment | None] = align


def carry(
    target: bytes,
    facts: Facts,
    by_test: Mapping[int, tuple[str, frozenset[int]]],
    on_import: Mapping[str, frozenset[int]],
    versions: Versions,
) -> Carried:
    """Move lines that were recorded on earlier versions of a file to where they stand now.

    `by_test` has, by trace, the blob and the lines of it that ran, `on_import` by blob the lines
    that ran outside of tests. Added statements of the module that cannot fail count as well when
    an earlier version was imported to its end.
    """
    sources: dict[str, bytes | None] = {}

    @cache  # many tests run the same
    def moved(blob: str, lines: frozenset[int]) -> frozenset[int]:
        if blob not in sources:
            sources[blob] = versions.source_of(blob)
        old = sources[blob]
        if old == target:
            return lines
        alignment = versions.align(old, target) if old is not None else None
        if alignment is None:
            return frozenset()
        places = lines | {alignment.statement_of.get(line, line) for line in lines}
        return frozenset(alignment.moved[line] for line in places if line in alignment.moved)

    imported: frozenset[int] = frozenset()
    for blob, lines in on_import.items():
        imported |= moved(blob, lines) | _harmless(facts, versions.facts_of(blob), lines)
    return Carried({trace: moved(*ran) for trace, ran in by_test.items()}, imported)


def _harmless(facts: Facts, old: Facts | None, lines: frozenset[int]) -> frozenset[int]:
    """Return the lines of added statements that importing the module certainly runs."""
    if old is None or not old.readable or not facts.readable:
        return frozenset()
    last = [unit for unit in old.units if not unit.owner and unit.kind != "static"][-1:]
    if last and not any(last[0].line <= line <= last[0].end for line in lines):
        return frozenset()
    return frozenset(unit.line for unit in facts.units if unit.harmless and unit.kind != "static")


def branching_lines(source: bytes) -> frozenset[int]:
    """Return the lines of statements whose ways out are counted, all lines of their heads."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    kinds = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
    return frozenset(node.lineno for node in ast.walk(tree) if isinstance(node, kinds))
