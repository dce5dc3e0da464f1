"""Of which recordings the traces are that count, without going through all of them.

A tally says how many there are by recording and by the last of their sets, which is what the
session ran for all tests. Mappings that stand for many traces can tell it themselves.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.traces.model import Trace

Tally = Counter[tuple[int, int]]


@runtime_checkable
class Tallied(Protocol):
    """What can tell its tally."""

    def tally(self) -> Tally:
        """Return how many traces there are by recording and last set."""


def tally_of(traces: Iterable[Trace]) -> Tally:
    """Return the tally of some traces."""
    return Counter((trace.recording, trace.sets[-1] if trace.sets else 0) for trace in traces)


def tally(held: Mapping[str, Trace]) -> Tally:
    """Return the tally of traces by test."""
    return held.tally() if isinstance(held, Tallied) else tally_of(held.values())


def by_recording(found: Tally) -> dict[int, int]:
    """Return how many traces there are of each recording."""
    counted: Counter[int] = Counter()
    for (recording, _), count in found.items():
        counted[recording] += count
    return {recording: count for recording, count in counted.items() if count}
