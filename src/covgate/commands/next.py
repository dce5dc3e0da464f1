"""`covgate next`: the one test to write now."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.errors import PASS
from covgate.gate.overview import overview

if TYPE_CHECKING:
    import argparse

_NEAREST = 3


def run(_options: argparse.Namespace) -> int:
    """Name the function to test next, and the existing tests that come closest to it."""
    with overview(Path.cwd(), os.environ) as seen:
        outlook = seen.outlook()
        row = next((row for row in outlook.rows if row.functions), None)
        if row is None:
            print("every function is run by a test")
            return PASS
        function = max(row.functions, key=lambda one: (len(one.missing), one.complexity))
        tests = seen.nearest_tests(row.path, function.first, function.last)
    lines = ", ".join(map(str, function.missing))
    print(f"test {function.name} of {row.path}:{function.missing[0]}")
    print(f"  no test runs lines {lines} of it")
    print(f"  why: {row.priority} priority, {row.percent:.1f}% covered, impact {row.impact}")
    if tests:
        print(f"  nearest tests: {', '.join(tests[:_NEAREST])}")
    return PASS
