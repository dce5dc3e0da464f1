"""The tables of what recording costs, in Markdown."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Row = dict[str, Any]
PLAIN, COVERAGE, RECORD = "pytest", "coverage run -m pytest", "covgate record"
LIMIT, CHECK = "limit", "covgate check"
HEAD = """\
## Recording, and a commit after it

Made by `benchmarks/recording.py`: plain pytest, `coverage run -m pytest` and `covgate record` run
all tests by turns, and the ratios are medians of each round's. Then a line is added to one
function, with everything recorded, and `covgate check` judges it by turns with the limit: pytest
with exactly the tests that run the function. The functions are the quartiles by the number of
their tests. The targets: recording takes at most 1.25 of coverage.py's CPU, 1.15 on Python 3.12
and later; at most 3 KB are kept for a test; a commit takes at most 1.5 times the limit's CPU on
top of 0.3 s.
"""


def section(title: str, rows: Iterable[Row], machine: str) -> str:
    """Return all that the page says of a project on one version of Python."""
    steps: dict[str, dict[str, Row]] = {}
    for row in rows:
        steps.setdefault(row["step"], {})[row["way"]] = row
    rounds = [ways for step, ways in steps.items() if step.startswith("record ")]
    changes: dict[str, list[dict[str, Row]]] = {}
    for step, ways in steps.items():
        if step.startswith("change ") and len(ways) == 2:
            changes.setdefault(step.removeprefix("change ").rpartition(" ")[0], []).append(ways)
    lines = [f"### {title}", "", f"Rounds: {len(rounds)}; {machine}.", "", *_recording(rounds)]
    tests = steps.get("suite", {}).get("", {}).get("tests")
    if tests and (stores := [ways[RECORD]["store_bytes"] for ways in rounds if RECORD in ways]):
        size = statistics.median(stores)
        kept = f"{size / 1e6:.1f} MB for {tests} tests, {size / tests:,.0f} bytes a test"
        lines += ["", f"The store: {kept}."]
    return "\n".join([*lines, "", *_changes(changes), ""])


def _recording(rounds: Sequence[Mapping[str, Row]]) -> list[str]:
    lines = [
        (
            "| all tests | CPU | wall | CPU / coverage run | wall / coverage run | CPU / pytest "
            "| memory |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for way in (PLAIN, COVERAGE, RECORD):
        cells = [
            f"{_median(rounds, way, 'cpu_s'):.2f} s",
            f"{_median(rounds, way, 'wall_s'):.2f} s",
            f"{_ratio(rounds, way, COVERAGE, 'cpu_s'):.2f}",
            f"{_ratio(rounds, way, COVERAGE, 'wall_s'):.2f}",
            f"{_ratio(rounds, way, PLAIN, 'cpu_s'):.2f}",
            f"{_median(rounds, way, 'peak_mb'):.0f} MB",
        ]
        lines.append(f"| `{way}` | {' | '.join(cells)} |")
    return lines


def _changes(changes: Mapping[str, Sequence[Mapping[str, Row]]]) -> list[str]:
    if not changes:
        return []
    lines = [
        (
            "| a line added to | its tests | covgate ran | CPU limit | CPU covgate | ratio "
            "| wall limit | wall covgate | ratio | in the target |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for where, rounds in changes.items():
        limit, ours = (_median(rounds, way, "cpu_s") for way in (LIMIT, CHECK))
        cells = [
            f"`{where}`",
            _tests(rounds, LIMIT),
            _tests(rounds, CHECK),
            f"{limit:.2f} s",
            f"{ours:.2f} s",
            f"{_ratio(rounds, CHECK, LIMIT, 'cpu_s'):.2f}",
            f"{_median(rounds, LIMIT, 'wall_s'):.2f} s",
            f"{_median(rounds, CHECK, 'wall_s'):.2f} s",
            f"{_ratio(rounds, CHECK, LIMIT, 'wall_s'):.2f}",
            "yes" if ours <= 0.3 + 1.5 * limit else f"{ours - 0.3 - 1.5 * limit:.2f} s above",
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def _tests(rounds: Sequence[Mapping[str, Row]], way: str) -> str:
    """Return how many tests ran, and what went wrong: it takes time, too."""
    rows = [ways[way] for ways in rounds]
    if undecided := [row["note"] for row in rows if row["tests"] is None]:
        return f"undecided: {undecided[0]}"
    failing = sorted({test for row in rows for test in row["failed"]})
    return ", ".join([str(rows[0]["tests"]), *(f"`{test}` failed" for test in failing)])


def _median(rounds: Sequence[Mapping[str, Row]], way: str, kind: str) -> float:
    values: list[float] = [ways[way]["cost"][kind] for ways in rounds]
    return statistics.median(values)


def _ratio(rounds: Sequence[Mapping[str, Row]], way: str, other: str, kind: str) -> float:
    ratios: list[float] = [ways[way]["cost"][kind] / ways[other]["cost"][kind] for ways in rounds]
    return statistics.median(ratios)
