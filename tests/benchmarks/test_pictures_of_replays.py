"""Histories and the growth are drawn from their rows."""

from __future__ import annotations

from typing import Any

import growth
import history


def _row(ours: float, **facts: Any) -> dict[str, Any]:
    def cost(cpu: float) -> dict[str, float]:
        return {"cpu_s": cpu, "wall_s": cpu, "peak_mb": 1.0}

    known = {"commit": "c" * 40, "ran": 1, "files": 3, "differences": [], "percent": 50.0}
    return {**known, "full": cost(4.0), "covgate": cost(ours), **facts}


def test_a_history_is_drawn_and_shown() -> None:
    rows = [_row(1.0), _row(2.0)]
    drawn = history.picture("demo with a policy: history", rows)
    assert "demo with a policy: CPU" in drawn
    assert drawn.count("<circle") == 4
    text = history.table("demo with a policy: history", rows)
    assert "(pictures/history-demo-with-a-policy.svg)" in text


def test_a_commit_that_was_not_judged_is_not_drawn_as_a_quick_one() -> None:
    undecided = "not exact (undecided): ['why']"
    rows = [_row(0.1, ran=None), _row(0.1, differences=undecided), _row(0.1, ran=None)]
    drawn = history.picture("demo: history", rows)
    assert "covgate check" not in drawn
    assert drawn.count("<circle") == 3


def test_growth_is_drawn_without_what_reused_tests_ran() -> None:
    rows = [
        {
            "modules": size,
            "tests": size * 5,
            "change": change,
            "cpu_s": {"start": 0.2, "evidence": size / 1000, "project coverage": 9.0},
            "choosing_mb": 30 + size / 100,
        }
        for size in (200, 2000)
        for change in (growth.LEAF, growth.CORE)
    ]
    pictures = growth.pictures(rows)
    assert sorted(pictures) == ["growth-memory.svg", "growth-time.svg"]
    for text in pictures.values():
        assert text.count("<circle") == 4
        assert all(f">{word}<" in text for word in (growth.LEAF, growth.CORE, "2,000"))
    assert ">10<" in pictures["growth-time.svg"]
    assert ">100<" not in pictures["growth-time.svg"]
