"""Where the time of a check went, as a table (docs/timing.md says what to do about it)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEAD = ("where the time went", "clock", "covgate's CPU", "programs' CPU")


def table(spent: Mapping[str, Iterable[float]]) -> str:
    """Return a line for each phase: seconds by the clock, CPU of covgate and of its programs."""
    rows = [(phase, *seconds) for phase, seconds in spent.items()]
    sums = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    cells = [_HEAD, *((name, *map(_shown, some)) for name, *some in [*rows, ("all", *sums)])]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in cells
    )
    return "".join(f"{line}\n" for line in lines)


def _shown(seconds: float) -> str:
    return f"{seconds:.3f} s"
