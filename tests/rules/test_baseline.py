"""The baseline: what it lets be, what it never lets in, and how it follows tests that move."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from staged import PROJECT, change

from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import SkipWithoutReason
from covgate.rules import skip_without_reason
from covgate.rules.silenced import baseline
from covgate.rules.silenced.baseline import Entry

if TYPE_CHECKING:
    from covgate.change.model import Change

SILENT = """\
import pytest


@pytest.mark.skip
def test_total():
    cart = make()
    assert cart.total() == 1


class TestCart:
    @pytest.mark.xfail
    def test_items(self):
        items = collect()
        assert items == [1, 2]
"""
A, B = "tests/test_a.py", "tests/test_b.py"
TOTAL = f"skip-without-reason {A}::test_total\n"
ITEMS = f"skip-without-reason {A}::TestCart::test_items\n"


def everything(files: dict[str, str]) -> Change:
    judged = change({}, {**PROJECT, **files})
    return replace(judged, mode="all")


def left(files: dict[str, str]) -> list[tuple[str, int | None, str]]:
    judged = everything(files)
    found = skip_without_reason.find(judged, SkipWithoutReason())
    kept = baseline.without_known(found, judged, baseline.RULES)
    return [(f.path or "", f.line, f.severity) for f in kept]


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ("", [(A, 4, "error"), (A, 11, "error")]),
        (TOTAL, [(A, 11, "error")]),
        (TOTAL + ITEMS, []),
        ("# a comment\n\n" + ITEMS + TOTAL, []),
        ("hollow-test x\n" + TOTAL + ITEMS, []),
        (
            TOTAL + ITEMS + f"skip-without-reason {A}::test_gone\n",
            [(baseline.FILE, 3, "warning")],
        ),
        (f"skip-without-reason {A}\n", [(A, 4, "error"), (A, 11, "error"), (baseline.FILE, 1, "warning")]),
    ],
    ids=["none", "one", "both", "comments and order", "a rule that has none", "idle", "a file is no test"],
)  # fmt: skip
def test_the_whole_project_is_judged_without_what_is_known(
    known: str, wanted: list[tuple[str, int | None, str]]
) -> None:
    files = {A: SILENT, **({baseline.FILE: known} if known else {})}
    assert left(files) == wanted


def test_entries_of_rules_that_were_not_asked_are_let_be() -> None:
    judged = everything({A: SILENT, baseline.FILE: TOTAL})
    assert baseline.without_known([], judged, frozenset({"config-weakened"})) == []


MOVED = SILENT.replace("class TestCart", "class TestBasket").replace("test_total", "test_sum")
GROWTH = {
    "a line more": ({A: SILENT}, TOTAL, {A: SILENT}, TOTAL + ITEMS, {}, [2]),
    "the first one": ({A: SILENT}, None, {A: SILENT}, TOTAL + ITEMS, {}, []),
    "a line less": ({A: SILENT}, TOTAL + ITEMS, {A: SILENT}, ITEMS, {}, []),
    "another order": ({A: SILENT}, TOTAL + ITEMS, {A: SILENT}, ITEMS + TOTAL, {}, []),
    "the file is renamed": (
        {A: SILENT}, TOTAL, {B: SILENT}, TOTAL.replace(A, B), {B: A}, [],
    ),
    "the test is renamed": (
        {A: SILENT}, TOTAL, {A: MOVED}, TOTAL.replace("test_total", "test_sum"), {}, [],
    ),
    "the class is renamed": (
        {A: SILENT}, ITEMS, {A: MOVED}, ITEMS.replace("TestCart", "TestBasket"), {}, [],
    ),
    "renamed, and the old entry kept": (
        {A: SILENT}, TOTAL, {A: MOVED}, TOTAL + TOTAL.replace("test_total", "test_sum"), {}, [2],
    ),
    "one goes, another comes": ({A: SILENT}, TOTAL, {A: SILENT}, ITEMS, {}, [1]),
    "the file is copied": (
        {A: SILENT}, TOTAL, {A: SILENT, B: SILENT}, TOTAL + TOTAL.replace(A, B), {}, [2],
    ),
    "the baseline is deleted": ({A: SILENT}, TOTAL, {A: SILENT}, None, {}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", GROWTH)
def test_it_never_grows(name: str) -> None:
    before, old, after, new, renames, lines = GROWTH[name]
    judged = change(
        {**before, **({baseline.FILE: old} if old else {})},
        {**after, **({baseline.FILE: new} if new else {})},
        renames,
    )
    found = baseline.added_by_hand(judged)
    assert [(f.path, f.line) for f in found] == [(baseline.FILE, line) for line in lines]


def test_a_merge_may_take_what_either_side_has() -> None:
    judged = change(
        {A: SILENT, baseline.FILE: TOTAL}, {A: SILENT, baseline.FILE: TOTAL + ITEMS}, bases=2
    )
    other = MemorySnapshot({A: SILENT, baseline.FILE: ITEMS})
    merged = replace(judged, before=(judged.before[0], other))
    assert len(baseline.added_by_hand(judged)) == 1
    assert baseline.added_by_hand(merged) == []


NAMES = st.sampled_from(["a", "test_a", "Test", "é", "_x1", "with blank"])
ENTRIES = st.builds(
    Entry,
    st.sampled_from(sorted(baseline.RULES)),
    st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "/".join(parts) + ".py"),
    st.lists(NAMES, max_size=3).map(".".join),
)


@settings(max_examples=40)
@given(st.sets(ENTRIES, max_size=6))
def test_what_is_written_can_be_read(entries: set[Entry]) -> None:
    text = baseline.render(entries)
    assert set(baseline.parse(text)) == entries
    assert baseline.render(baseline.parse(text)) == text
