"""Bars and lines as SVG text, readable on a light and on a dark page."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH = 720
_STYLE = """\
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328; stroke: none !important }
  path { fill: none !important; stroke-width: 2 }
  .back { fill: #ffffff } .title { font-weight: 600 } .said { fill: #59636e }
  .grid { stroke: #d1d9e0 } .mark { stroke: #1f2328; stroke-dasharray: 4 3 }
  .c0 { fill: #0969da; stroke: #0969da } .c1 { fill: #bc4c00; stroke: #bc4c00 }
  .other { fill: #9aa4af }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .back { fill: #0d1117 } .said { fill: #9198a1 }
    .grid { stroke: #3d444d } .mark { stroke: #f0f6fc } .other { fill: #656c76 }
    .c0 { fill: #4493f8; stroke: #4493f8 } .c1 { fill: #db6d28; stroke: #db6d28 }
  }
</style>"""


class Bar(NamedTuple):
    """One bar: its name, its length, and whether it is one of those that the plot is about."""

    name: str
    value: float
    strong: bool = False


class Axis(NamedTuple):
    """What an axis shows, with its unit; `ticks` where round numbers are not the right ones."""

    label: str
    log: bool = False
    ticks: tuple[float, ...] = ()


class Line(NamedTuple):
    """One line: its name, written at its end, and its points."""

    name: str
    points: tuple[tuple[float, float], ...]


def bars(title: str, label: str, shown: Sequence[Bar], mark: tuple[float, str]) -> str:
    """Return horizontal bars from zero, and a dashed line at a `mark`, which is (value, name)."""
    left, right, top, step = 130, WIDTH - 70, 62, 24
    bottom = top + step * len(shown)
    ticks = round_ticks(0, max([mark[0], *(bar.value for bar in shown)]))

    def place(value: float) -> float:
        return left + value / ticks[-1] * (right - left)

    lines = []
    for tick in ticks:
        lines += [_stroke(x := place(tick), top, x, bottom, "grid")]
        lines += [_text(x, bottom + 18, f"{tick:g}", "said", "middle")]
    for number, bar in enumerate(shown):
        y = top + step * number
        color = "c0" if bar.strong else "other"
        lines += [
            _text(left - 10, y + 16, bar.name, "title" if bar.strong else "", "end"),
            _box(place(bar.value) - left, step - 8, color, f'x="{left}" y="{y + 4}"'),
            _text(WIDTH - 20, y + 16, f"{bar.value:.2f}", "said", "end"),
        ]
    x = place(mark[0])
    lines += [_stroke(x, top - 6, x, bottom, "mark"), _text(x, top - 12, mark[1], "said", "middle")]
    lines.append(_text((left + right) / 2, bottom + 40, label, "said", "middle"))
    return _picture(title, bottom + 52, lines)


def curves(title: str, x_axis: Axis, y_axis: Axis, shown: Sequence[Line]) -> str:
    """Return lines with a dot at each point, their names at their ends, in two colors by turns."""
    left, right, top, bottom = 70, WIDTH - 190, 66, 330
    xs = [x for line in shown for x, _ in line.points]
    ys = [y for line in shown for _, y in line.points]
    across, x_ticks = _scale(x_axis, min(xs), max(xs), (left + 12, right))
    up, y_ticks = _scale(y_axis, min(ys) if y_axis.log else 0, max(ys), (bottom, top))
    lines = [_text(left - 50, top - 18, y_axis.label, "said")]
    for tick in y_ticks:
        lines += [_stroke(left, up(tick), right, up(tick), "grid")]
        lines += [_text(left - 8, up(tick) + 4, f"{tick:,g}", "said", "end")]
    for tick in x_ticks:
        lines.append(_text(across(tick), bottom + 20, f"{tick:,g}", "said", "middle"))
    lines.append(_text((left + right) / 2, bottom + 42, x_axis.label, "said", "middle"))
    ends = apart([up(line.points[-1][1]) for line in shown], 17)
    for number, (line, end) in enumerate(zip(shown, ends, strict=True)):
        color, at = f"c{number % 2}", [(across(x), up(y)) for x, y in line.points]
        way = " L ".join(f"{x:.1f} {y:.1f}" for x, y in at)
        lines.append(f'<path class="{color}" d="M {way}"/>')
        lines += [f'<circle class="{color}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in at]
        lines.append(_text(right + 10, end + 4, line.name, color))
    return _picture(title, bottom + 54, lines)


def round_ticks(low: float, high: float) -> list[float]:
    """Return four to eight round numbers from `low` to the first that is not below `high`."""
    rough = (high - low) / 5 or 1
    base = 10 ** math.floor(math.log10(rough))
    step = base * min((m for m in (1, 2, 5, 10) if base * m >= rough * 0.999), default=10)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Return the places in their order, moved down where one would lie on another."""
    found, before = [0.0] * len(places), -math.inf
    for number in sorted(range(len(places)), key=places.__getitem__):
        before = found[number] = max(places[number], before + gap)
    return found


def _scale(
    axis: Axis, low: float, high: float, span: tuple[float, float]
) -> tuple[Callable[[float], float], Sequence[float]]:
    measure = math.log10 if axis.log else float
    decades = range(math.floor(measure(low)), math.ceil(measure(high)) + 1)
    fit = [10.0**power for power in decades] if axis.log else round_ticks(low, high)
    ticks = axis.ticks or fit
    begin, end = measure(min(low, *ticks)), measure(max(high, *ticks))
    size = (span[1] - span[0]) / ((end - begin) or 1)
    return lambda value: span[0] + (measure(value) - begin) * size, ticks


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{escape(text)}</text>'


def _stroke(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _box(width: float, height: float, kind: str, more: str) -> str:
    return f'<rect class="{kind}" width="{width:.1f}" height="{height}" {more}/>'


def _picture(title: str, height: int, lines: Sequence[str]) -> str:
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    parts = [head, f"<title>{escape(title)}</title>", _STYLE, _box(WIDTH, height, "back", 'rx="8"')]
    return "\n".join([*parts, _text(20, 28, title, "title"), *lines, "</svg>", ""])
