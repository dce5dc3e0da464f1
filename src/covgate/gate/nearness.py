"""Which tests run which lines of a file of the tree, as far as there is evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.impact.carried import Versions, carry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from covgate.gate.evidence import Archive


def lines_by_test(
    archive: Archive, path: str, anew: Collection[str] = ()
) -> Mapping[str, frozenset[int]]:
    """Return the lines of `path`, as it stands in the tree, that each test ran when last recorded.

    Tests that are gone from the tree are among them; those that ran none of its lines are not. Of
    the tests in `anew` it is the recording before the last one that counts.
    """
    text = archive.snapshot.read(path) if path in archive.snapshot.entries else None
    if text is None:
        return {}
    ran = archive.store.lines_of_path(path)
    newest: dict[str, int] = {}
    latest: set[str] = set()
    for trace in archive.traces:
        if trace.test in anew and trace.test not in latest:
            latest.add(trace.test)
        else:
            newest.setdefault(trace.test, trace.id)
    wanted = {trace: ran[trace] for trace in newest.values() if trace in ran}
    versions = Versions(archive.source_of, archive.old_facts, archive.store.alignments.align)
    carried = carry(text, archive.facts_of(path), wanted, {}, versions).by_test
    return {test: carried[trace] for test, trace in newest.items() if carried.get(trace)}


def nearest(
    ran: Mapping[str, frozenset[int]], body: Iterable[int], known: Iterable[str] | None = None
) -> list[str]:
    """Return the tests that run something of a function, those that run most of it first.

    Of two that run as much of it, the one that runs less of anything else is the better model.
    `known`, where it is given, are the tests that there still are.
    """
    lines, alive = frozenset(body), None if known is None else frozenset(known)
    scores = [
        (-len(own & lines), len(own), test)
        for test, own in ran.items()
        if own & lines and (alive is None or test in alive)
    ]
    return [test for _, _, test in sorted(scores)]
