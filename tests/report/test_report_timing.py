"""The table of where the time went."""

from __future__ import annotations

from covgate.report.timing import table


def test_each_phase_has_a_line_and_all_are_summed_up() -> None:
    lines = table({"start": (0.25, 0.25, 0.0), "tests": (2.0, 0.5, 1.0)}).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["start", "0.250", "s", "0.250", "s", "0.000", "s"],
        ["tests", "2.000", "s", "0.500", "s", "1.000", "s"],
        ["all", "2.250", "s", "0.750", "s", "1.000", "s"],
    ]
    assert {len(line) for line in lines} == {len(lines[0])}
