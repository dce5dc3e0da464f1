"""Pictures hold what they were given, as well-formed SVG, for light pages and for dark ones."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plots import Axis, Bar, Line, apart, bars, curves, round_ticks

SVG = "{http://www.w3.org/2000/svg}"


def _texts(picture: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture).iter(f"{SVG}text")]


def _numbers(picture: str, kind: str, key: str) -> list[float]:
    return [float(element.attrib[key]) for element in ET.fromstring(picture).iter(f"{SVG}{kind}")]


def test_bars_are_as_long_as_their_values() -> None:
    shown = [Bar("a", 0.5, strong=True), Bar("b <&> c", 2.0), Bar("none", 0.0)]
    picture = bars("one & all", "share of CPU", shown, (1.0, "the full way"))
    short, long, none = _numbers(picture, "rect", "width")[1:]
    assert none == 0
    assert long == pytest.approx(4 * short, abs=0.5)
    said = _texts(picture)
    assert {"one & all", "a", "b <&> c", "0.50", "2.00", "the full way", "share of CPU"} <= {*said}
    assert "prefers-color-scheme: dark" in picture


def test_bars_without_any() -> None:
    assert "the full way" in _texts(bars("none", "share", [], (1.0, "the full way")))


@pytest.mark.parametrize("log", [False, True], ids=["linear", "log"])
def test_curves_rise_with_their_values(log: bool) -> None:
    line = Line("ours", ((200, 0.3), (2000, 0.7), (20000, 4.8)))
    across = Axis("modules", log=log, ticks=(200, 2000, 20000))
    picture = curves("growth", across, Axis("CPU seconds", log=log), [line])
    xs, ys = (_numbers(picture, "circle", key) for key in ("cx", "cy"))
    assert xs == sorted(xs)
    assert ys == sorted(ys, reverse=True)
    if log:
        assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)
    assert {"growth", "ours", "modules", "CPU seconds", "20,000"} <= {*_texts(picture)}


def test_curves_of_one_point() -> None:
    picture = curves("one", Axis("commit"), Axis("s"), [Line("a", ((1, 0.0),))])
    assert "a" in _texts(picture)


def test_names_do_not_lie_on_each_other() -> None:
    assert apart([10, 11, 60], 17) == [10, 27, 60]
    assert apart([11, 10], 17) == [27, 10]


@given(st.floats(min_value=0.001, max_value=1e6))
def test_ticks_hold_the_value(high: float) -> None:
    ticks = round_ticks(0, high)
    assert ticks[0] == 0
    assert ticks[-1] >= high * (1 - 1e-6)
    assert 3 <= len(ticks) <= 8
