"""`covgate status`: how much of the suite has evidence that holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.coverage.project import not_exact
from covgate.errors import PASS
from covgate.gate.inspecting import age, archive_at, standing

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from covgate.gate.inspecting import Standing

_SHOWN = 20


def run(options: argparse.Namespace) -> int:
    """Print the state of the evidence; the exit code is 0."""
    with archive_at(Path.cwd(), os.environ, options.python) as archive:
        found = standing(archive)
    if not found.known:
        print("nothing is recorded for this interpreter and configuration; run `covgate record`")
    else:
        more = "" if found.whole else " (the suite was never collected as a whole)"
        print(f"{found.held} of {found.known} known tests have a trace that holds{more}")
        print(f"project coverage: {_exactness(found)}")
    print(f"evidence: {found.place}, {found.size / 1024:.0f} KiB, newest {age(found.newest)}")
    if found.problem:
        print(f"problem: {found.problem}")
    _list("would run", found.stale)
    _list("opaque (run whenever anything changes)", found.opaque)
    _list("flaky", dict.fromkeys(found.flaky, "ended in different ways with nothing changed"))
    return PASS


def _exactness(found: Standing) -> str:
    """Say whether the coverage of the tree follows from the evidence alone."""
    if found.held < found.known:
        return not_exact(found.known - found.held, found.known)
    return "exact" if found.whole else "not exact yet: the tests were never collected as a whole"


def _list(title: str, tests: Mapping[str, str]) -> None:
    pairs = sorted(tests.items())
    if pairs:
        print(f"{title}: {len(pairs)}")
    for test, why in pairs[:_SHOWN]:
        print(f"  {test}: {why}")
    if len(pairs) > _SHOWN:
        print(f"  and {len(pairs) - _SHOWN} more")
