"""Say why the gate believed otherwise: the trace that it reused, or why it left a test out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.gate.question import Judgement
    from covgate.traces.model import Trace

_SHOWN = 5


def blame_test(judgement: Judgement, test: str) -> tuple[str, str]:
    """Return why the gate does not know that `test` fails, and the trace that it reused."""
    selection, tested = judgement.selection, judgement.tested
    if selection is not None and (trace := selection.held.get(test)) is not None:
        return f"the gate reused its result ({trace.outcome})", named(trace)
    if tested is not None and any(run.id == test for run in tested.result.tests):
        return "it passes in the gate", ""
    if selection is None or not (selection.files or selection.everything or selection.tests):
        return "the gate ran no test: nothing seemed to be affected", ""
    return "the gate did not select it: no import leads from it to the change", ""


def blame_line(judgement: Judgement, path: str, lines: Iterable[int]) -> str:
    """Return the traces whose recorded lines made the gate believe that `lines` are covered."""
    selection = judgement.selection
    carried = selection.carried.get(path) if selection else None
    if selection is None or carried is None:
        return ""
    wanted = set(lines)
    trace_of = {trace.id: trace for trace in selection.held.values()}
    blamed = [
        named(trace_of[number])
        for number, ran in sorted(carried.by_test.items())
        if number in trace_of and ran & wanted
    ]
    more = f" and {len(blamed) - _SHOWN} more" if len(blamed) > _SHOWN else ""
    return "; ".join(blamed[:_SHOWN]) + more


def named(trace: Trace) -> str:
    """Return a trace as a person can look it up: its test, and when it was recorded."""
    when = datetime.fromtimestamp(trace.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"trace {trace.id} of {trace.test}, recorded {when}"
