"""The order of the tests that run: what is likeliest to fail comes first.

Whole files are put in order, never single tests: fixtures of classes and modules are made once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from covgate.rules.tests_fail import FAILED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.change.model import Change
    from covgate.gate.evidence import Archive
    from covgate.impact.selection import Selection
    from covgate.traces.model import Trace

# What nothing is known of takes so long, as far as the order is concerned.
_USUAL_SECONDS = 0.01


def promising_files(archive: Archive, selection: Selection, change: Change) -> tuple[str, ...]:
    """Return the test files to run first: those with tests that failed, then those whose tests
    run changed lines soonest, by the time that they took when they were recorded.
    """
    if len(selection.files) < 2 and not selection.everything:
        return ()
    hits = _run_changed_lines(archive, change)
    edited = {file.path for file in change.since_first}
    files: dict[str, list[Trace | None]] = defaultdict(list)
    for test in selection.tests:
        known = archive.newest(test)
        files[known.file if known else test.partition("::")[0]].append(known)
    rank: dict[str, tuple[bool, float]] = {}
    for file, traces in files.items():
        failed = any(trace is not None and trace.outcome in FAILED for trace in traces)
        promise = sum(trace is None or trace.id in hits or file in edited for trace in traces)
        seconds = sum(_USUAL_SECONDS + (trace.seconds if trace else 0.0) for trace in traces)
        if failed or promise:
            rank[file] = (not failed, -promise / seconds)
    return tuple(sorted(rank, key=lambda file: (rank[file], file)))


def _run_changed_lines(archive: Archive, change: Change) -> frozenset[int]:
    """Return the traces that ran a line which the change removes or replaces."""
    found: set[int] = set()
    for file in change.since_first:
        ran: Mapping[int, tuple[str, frozenset[int]]] = (
            archive.lines_of_path(file.old_path or file.path) if file.removed else {}
        )
        found.update(
            trace
            for trace, (blob, lines) in ran.items()
            if blob == file.old_blob and lines & file.removed
        )
    return frozenset(found)
