"""`covgate plan`: what is missing to the targets, module by module."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.coverage.outlook import HOW
from covgate.errors import PASS
from covgate.gate.overview import overview
from covgate.report import plan_table

if TYPE_CHECKING:
    import argparse

_FORMATS = {"text": plan_table.text, "markdown": plan_table.markdown, "json": plan_table.as_json}


def run(options: argparse.Namespace) -> int:
    """Print the plan; raises `UndecidedError` when the coverage of the tree is not known."""
    with overview(Path.cwd(), os.environ) as seen:
        outlook = seen.outlook()
    sys.stdout.write(_FORMATS[options.format](outlook, HOW))
    return PASS
