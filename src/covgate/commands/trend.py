"""`covgate trend`: how coverage went from commit to commit."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.errors import PASS, UndecidedError, UsageError
from covgate.gate.overview import overview, trend
from covgate.report import trend_plot

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Print the plot, and write it as SVG where asked; commits without numbers are left out."""
    with overview(Path.cwd(), os.environ) as seen:
        names = [component.name for component in seen.settings.component]
        if options.component is not None and options.component not in names:
            told = f"the components are: {', '.join(names)}" if names else "there is none"
            raise UsageError(f"there is no component {options.component}", told)
        path = options.path.rstrip("/") if options.path else None
        points = trend(seen, options.commits, path, options.component)
    known = [(f"{p.commit[:8]} {p.date}", p.percent) for p in points if p.percent is not None]
    if not known:
        raise UndecidedError(
            f"the coverage of none of the last {len(points)} commits is known",
            "run `covgate check --all`, or commit through the hooks with evidence of every test",
        )
    what = options.component or options.path or "the project"
    left = len(points) - len(known)
    title = f"coverage of {what}, {len(known)} commits" + (f" ({left} not known)" if left else "")
    sys.stdout.write(trend_plot.text(known, title))
    if options.svg:
        Path(options.svg).write_text(trend_plot.svg(known, title), encoding="utf-8")
    return PASS
