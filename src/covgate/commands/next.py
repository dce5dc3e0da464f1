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
        near = function.nearest or tuple(seen.tests_of(row.path)[:_NEAREST])
    print(f"test {function.name} of {row.path}:{function.start}")
    if function.missing:
        many = "s" if len(function.missing) > 1 else ""
        print(f"  no test runs line{many} {', '.join(map(str, function.missing))} of it")
    if function.partial:
        lines = ", ".join(map(str, function.partial))
        print(f"  no test goes every way out of lines {lines}")
    print(f"  why: {row.priority} priority, {row.percent:.1f}% covered, impact {row.impact}")
    model, *others = near or ("",)
    if function.nearest:
        print(f"  write it like {model}, which runs the function and misses these lines")
    elif model:
        print(f"  no test enters it; write it like {model}, which runs its module")
    elif outlook.examples:
        print(f"  no test runs its module; those of {outlook.examples[0]} are examples to follow")
    if others:
        print(f"  other tests nearby: {', '.join(others)}")
    return PASS
