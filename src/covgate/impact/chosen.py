"""What the evidence says of the tests that it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.traces.model import Trace

GOOD = frozenset({"passed", "skipped", "xfailed", "xpassed"})


class Selection(NamedTuple):
    """What the evidence says of the tests that it knows.

    `run` gives the reason of each test that must run, `reuse` the trace of each that need not.
    `recollect` are test files whose tests may be others than before. `unproven` are changed
    modules whose import no selected test performs, with the cheapest test that would.
    `flaky` are tests that ended differently with the same trace; `held` all traces that hold.
    """

    run: Mapping[str, str]
    reuse: Mapping[str, Trace]
    recollect: Mapping[str, str]
    witnesses: Mapping[str, str]
    flaky: frozenset[str]
    files: frozenset[str]
    gone: frozenset[str]
    held: Mapping[str, frozenset[int]] = {}


NOTHING = Selection({}, {}, {}, {}, frozenset(), frozenset(), frozenset())
