"""The tables of a replay say what the rows say, and where contenders differ."""

from __future__ import annotations

from typing import Any

import pytest
from nothing import OURS, THEIRS
from replay_table import Known, differs, picture, section
from versions import said

ORDER = ("plain", "full", "covgate-cold", "covgate-warm", "testmon", "testmon-cov", "limit")
FIRST, SECOND = "a" * 40, "b" * 40


def _row(commit: str, name: str, cpu: float, **facts: Any) -> dict[str, Any]:
    cost = {"cpu_s": cpu, "wall_s": cpu * 2, "peak_mb": 50.0}
    empty = dict.fromkeys(("tests", "failed", "uncovered", "beyond", "store_bytes"))
    return {"commit": commit, "contender": name, "cost": cost, "note": "", **empty, **facts}


def _known() -> Known:
    full = {"tests": 100, "failed": ["tests.test_a.test_x[1]"], "uncovered": {"a.py": [3]}}
    ours = {"tests": 10, "failed": ["tests/test_a.py::test_x[1]"], "store_bytes": 300_000}
    rows = [
        _row(FIRST, "plain", 4),
        _row(FIRST, "full", 10, **full),
        _row(FIRST, "covgate-warm", 2, **ours, uncovered={"a.py": [3, 9]}, beyond={"exits": {}}),
        _row(FIRST, "testmon", 5, tests=50, failed=[]),
        _row(FIRST, "testmon-cov", 6, tests=50, failed=[], uncovered={}),
        _row(FIRST, "limit", 1, tests=9, failed=[]),
        _row(SECOND, "full", 20, tests=100, failed=[], uncovered={}),
        _row(SECOND, "covgate-warm", 1, tests=0, failed=[], uncovered={}, beyond={}),
        _row(SECOND, "limit", 0, tests=0, failed=[]),
    ]
    return {(row["commit"], row["contender"]): row for row in rows}


def _cells(text: str, first: str) -> dict[str, str]:
    """Return the row of a table that begins so, by the names of the columns."""
    lines = text.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith(f"| {first} |"))
    head = max(n for n in range(place) if lines[n].startswith("|---")) - 1
    split = [[cell.strip() for cell in lines[n].split("|")[1:-1]] for n in (head, place)]
    return dict(zip(*split, strict=True))


@pytest.fixture(scope="module")
def text() -> str:
    idle = {
        name: [{"cpu_s": n, "wall_s": n, "peak_mb": n} for n in (1, 3, 2)]
        for name in (OURS, THEIRS)
    }
    return section("demo", [FIRST, SECOND, "c" * 40], _known(), ORDER, "2 cores; python 3", idle)


def test_contenders_are_told_by_their_medians(text: str) -> None:
    warm = _cells(text, "covgate-warm")
    assert warm["commits"] == "2"
    assert (warm["CPU"], warm["CPU / full"], warm["worst"]) == ("1.50 s", "0.12", "0.20")
    assert warm["CPU / limit"] == "2.00", "a limit of nothing is no measure"
    assert (warm["wall"], warm["wall / full"]) == ("3.00 s", "0.12")
    assert (warm["tests"], warm["missed"], warm["uncovered equal"]) == ("0.050", "0 of 1", "1 of 2")
    assert (warm["memory"], warm["store"], warm["store a test"]) == ("50 MB", "0.3 MB", "3,000 B")


@pytest.mark.parametrize(
    ("name", "missed", "equal"),
    [
        ("plain", "", ""),
        ("full", "", ""),
        ("testmon", "1 of 1", ""),
        ("testmon-cov", "1 of 1", "0 of 1"),
    ],
)
def test_nobody_is_judged_for_what_he_does_not_say(
    text: str, name: str, missed: str, equal: str
) -> None:
    cells = _cells(text, name)
    assert (cells["missed"], cells["uncovered equal"]) == (missed, equal)


def test_giving_up_soon_is_no_measure() -> None:
    rows = _known()
    rows[SECOND, "covgate-warm"] = _row(SECOND, "covgate-warm", 0.1, note="no time")
    text = section("demo", [FIRST, SECOND], rows, ORDER, "", {})
    warm = _cells(text, "covgate-warm")
    assert (warm["commits"], warm["CPU"]) == ("1, 1 undecided", "2.00 s")
    assert warm["uncovered equal"] == "0 of 2"
    second = _cells(text, SECOND[:10])
    assert second["ran warm"] == "undecided"
    assert second["uncovered changed lines"] == "covgate-warm undecided: no time"


def test_commits_are_told_one_by_one(text: str) -> None:
    first, second = _cells(text, FIRST[:10]), _cells(text, SECOND[:10])
    assert "'a.py': [3, 9]" in first["uncovered changed lines"]
    assert (first["warm"], first["cold"], first["limit"]) == ("0.20", "", "0.10")
    assert second["uncovered changed lines"] == "equal (0)"
    assert text.startswith("### demo: replay\n\nCommits: 2; 2 cores; python 3.")
    assert "c" * 10 not in text


def test_targets_and_nothing_to_do(text: str) -> None:
    assert "on top of 0.3 s on 0 of 2 commits" in text
    assert _cells(text, OURS) == {
        "command": OURS,
        "CPU": "2.000 s",
        "wall": "2.000 s",
        "memory": "2 MB",
    }


def test_a_replay_of_nothing_has_its_tables() -> None:
    assert "### demo: replay" in section("demo", [], {}, ORDER, "", {})


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        ({"uncovered": {"a.py": [3]}, "beyond": {}}, ""),
        ({"uncovered": {}, "beyond": {"exits": {"a.py": [3, 4]}}}, ""),
        ({"uncovered": {}, "beyond": None}, "full way {'a.py': [3]}, covgate-warm {}"),
        ({"uncovered": None, "note": "no answer"}, "covgate-warm undecided: no answer"),
    ],
    ids=["equal", "equal for another reason", "less", "undecided"],
)
def test_differences(ours: dict[str, Any], words: str) -> None:
    rows = _known()
    rows[FIRST, "covgate-warm"] = {**_row(FIRST, "covgate-warm", 1), **ours}
    assert differs(rows, FIRST) == words


def test_the_picture_has_all_but_the_full_way() -> None:
    drawn = picture("demo", [FIRST, SECOND], _known(), ORDER)
    assert all(f">{name}<" in drawn for name in ("plain", "covgate-warm", "testmon", "limit"))
    assert ">full<" not in drawn
    assert ">covgate-cold<" not in drawn


def test_versions_of_peers_are_told_where_they_are_their_own() -> None:
    base = {"python": "3.11", "coverage": "7.1"}
    others = [
        {**base, "testmon": "2.2"},
        {**base, "testmon": "2.2", "cov": "7.0"},
        {**base, "coverage": "6.5", "tia": "1.0"},
    ]
    wanted = "python 3.11, coverage 7.1, testmon 2.2, cov 7.0, tia 1.0 (with coverage 6.5)"
    assert said(base, others) == wanted
