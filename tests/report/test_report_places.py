"""Places: sorting, merging, ranges."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_answers import findings as any_finding
from report_answers import uncovered

from covgate.report.places import merged, ordered, place, span, spans, worst_first
from covgate.rules.finding import Finding


@pytest.mark.parametrize(
    ("given_lines", "expected"),
    [
        pytest.param([(1, None), (2, None), (3, None)], ["1-3"], id="neighbours"),
        pytest.param([(1, None), (3, None)], ["1", "3"], id="a gap"),
        pytest.param([(3, 5), (1, 2)], ["1-5"], id="ranges in any order"),
        pytest.param([(1, 9), (3, 4), (10, None)], ["1-10"], id="one inside another"),
        pytest.param([(4, None), (4, None)], ["4"], id="the same twice"),
        pytest.param([(5, 2)], ["5"], id="an end before the start"),
        pytest.param([(0, None)], ["1"], id="no such line"),
    ],
)
def test_adjacent_lines_are_merged(
    given_lines: list[tuple[int, int | None]], expected: list[str]
) -> None:
    result = merged(uncovered("a.py", line, end) for line, end in given_lines)
    assert [str(span(finding)) for finding in result] == expected


@pytest.mark.parametrize(
    "change",
    [{"rule": "x"}, {"message": "x"}, {"help": "x"}, {"severity": "warning"}, {"path": "b.py"}],
    ids=lambda change: next(iter(change)),
)
def test_only_what_says_the_same_is_merged(change: dict[str, Any]) -> None:
    first = uncovered("a.py", 1)
    assert len(merged([first, uncovered("a.py", 2)._replace(**change)])) == 2


@pytest.mark.parametrize(("second", "number"), [(1, 1), (2, 2)], ids=["same", "next line"])
def test_only_lines_to_cover_are_merged(second: int, number: int) -> None:
    skip = Finding("skip-without-reason", "no reason", "a.py", 1)
    assert len(merged([skip, skip._replace(line=second)])) == number


def test_a_message_that_counts_its_lines_is_not_stretched() -> None:
    first = uncovered("a.py", 1)._replace(message="2 changed lines are not run", end_line=2)
    assert len(merged([first, first._replace(line=3, end_line=4)])) == 2
    assert len(merged([first, first])) == 1


def test_another_rule_between_does_not_part_a_range() -> None:
    other = Finding("skip-without-reason", "no reason", "a.py", 2)
    result = merged([uncovered("a.py", 1), other, uncovered("a.py", 2)])
    assert [(f.rule, str(span(f))) for f in result] == [
        ("diff-coverage", "1-2"),
        ("skip-without-reason", "2"),
    ]


@given(st.lists(any_finding, max_size=20), st.randoms())
def test_order_does_not_depend_on_the_input(found: list[Finding], random: object) -> None:
    turned = list(found)
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert ordered(turned) == ordered(found)
    assert merged(turned) == merged(found)
    assert worst_first(turned) == worst_first(found)


def _lines(findings: tuple[Finding, ...]) -> set[tuple[object, ...]]:
    return {
        (f.rule, f.path, f.message, f.help, f.severity, line)
        for f in findings
        for where in [span(f)]
        for line in (range(where.start, where.end + 1) if where else [None])
    }


_small = st.lists(
    st.builds(
        uncovered,
        st.sampled_from(["a.py", "b.py"]),
        st.integers(1, 30),
        st.none() | st.integers(1, 30),
    )
)


@given(_small)
def test_merging_loses_no_line_and_adds_none(found: list[Finding]) -> None:
    result = merged(found)
    assert _lines(result) == _lines(tuple(found))
    assert merged(result) == result


@given(st.lists(st.integers(1, 60)))
def test_spans_hold_exactly_the_numbers(numbers: list[int]) -> None:
    result = spans(numbers)
    assert [n for s in result for n in range(s.start, s.end + 1)] == sorted(set(numbers))
    assert all(a.end + 1 < b.start for a, b in itertools.pairwise(result))


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("r", "m"), ""),
        (Finding("r", "m", "a.py"), "a.py"),
        (Finding("r", "m", "a.py", 3), "a.py:3"),
        (Finding("r", "m", "a.py", 3, 3), "a.py:3"),
        (Finding("r", "m", "a.py", 3, 5), "a.py:3-5"),
    ],
    ids=["nowhere", "file", "line", "one line", "range"],
)
def test_place(finding: Finding, text: str) -> None:
    assert place(finding) == text
