"""`covgate export`: the assembled coverage as a data file that coverage.py reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.errors import PASS
from covgate.gate.exporting import export
from covgate.gate.overview import overview

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Write the file; raises `UndecidedError` while some tests have no evidence."""
    with overview(Path.cwd(), os.environ) as seen:
        tests = export(seen, Path(options.file))
    print(f"wrote {options.file} with the coverage of {tests:,} tests")
    return PASS
