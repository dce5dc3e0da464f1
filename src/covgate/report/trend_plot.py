"""Coverage over time: a plot of characters, and one in SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEIGHT = 10
_SVG_WIDTH, _SVG_HEIGHT, _MARGIN = 640, 240, 40

Labelled = tuple[str, float]


def text(points: Sequence[Labelled], title: str) -> str:
    """Return a plot for a terminal of (label, percent), oldest first."""
    low, high = _range(points)
    step = (high - low) / (_HEIGHT - 1)
    rows = [round((percent - low) / step) for _, percent in points]
    lines = [title]
    for level in range(_HEIGHT - 1, -1, -1):
        marks = "".join("*" if row == level else " " for row in rows)
        lines.append(f"{low + level * step:6.1f}% |{marks}".rstrip())
    lines.append(" " * 8 + "+" + "-" * len(points))
    first, last = points[0], points[-1]
    lines.append(f"{' ' * 9}{first[0]} {first[1]:.2f}% ... {last[0]} {last[1]:.2f}%")
    return "\n".join(lines) + "\n"


def svg(points: Sequence[Labelled], title: str) -> str:
    """Return the plot as an SVG document."""
    low, high = _range(points)
    width, height = _SVG_WIDTH - 2 * _MARGIN, _SVG_HEIGHT - 2 * _MARGIN
    gaps = max(len(points) - 1, 1)
    places = [
        (
            _MARGIN + width * number / gaps,
            _SVG_HEIGHT - _MARGIN - height * (percent - low) / (high - low),
        )
        for number, (_, percent) in enumerate(points)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "\n".join(
        f'  <circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#2a6f4e">'
        f"<title>{escape(label)}: {percent:.2f}%</title></circle>"
        for (x, y), (label, percent) in zip(places, points, strict=True)
    )
    bottom = _SVG_HEIGHT - _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SVG_WIDTH}" height="{_SVG_HEIGHT}" '
        'font-family="sans-serif" font-size="11">\n'
        f'  <text x="{_MARGIN}" y="20">{escape(title)}</text>\n'
        f'  <text x="2" y="{_MARGIN + 4}">{high:.1f}%</text>\n'
        f'  <text x="2" y="{bottom + 4}">{low:.1f}%</text>\n'
        f'  <polyline points="{line}" fill="none" stroke="#2a6f4e" stroke-width="2"/>\n'
        f"{dots}\n"
        f'  <text x="{_MARGIN}" y="{bottom + 20}">{escape(points[0][0])}</text>\n'
        f'  <text x="{_SVG_WIDTH - _MARGIN}" y="{bottom + 20}" text-anchor="end">'
        f"{escape(points[-1][0])}</text>\n"
        "</svg>\n"
    )


def _range(points: Sequence[Labelled]) -> tuple[float, float]:
    percents = [percent for _, percent in points]
    low, high = min(percents), max(percents)
    if high - low < 1:
        low, high = max(0.0, high - 1), max(1.0, high)
    return low, high
