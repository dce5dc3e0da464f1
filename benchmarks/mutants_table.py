"""The tables of the mutation replay, in Markdown."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Row = dict[str, Any]


def table(project: str, rows: Sequence[Row]) -> str:
    """Return what a replay showed, as a table with one line for each kind of mutation."""
    counted = [row for row in rows if "verdict" in row]
    lines = [
        f"### {project}, mutants",
        "",
        "| mutants | n | flip a test | failing tests | missed | false | uncovered differ | ran, share "
        "| smallest, share | ran / smallest | CPU / full | wall / full |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for place in ("function", "import"):
        some = [row for row in counted if row["place"] == place]
        lines += [_line(kind, [row for row in some if row["kind"] == kind], place)
                  for kind in sorted({row["kind"] for row in some})]  # fmt: skip
        if some:
            lines.append(_line(f"all, {_PLACES[place]}", some, ""))
    if counted:
        lines.append(_line("**all**", counted, ""))
    lines += ["", *_words(rows, counted), *_peer(counted), ""]
    return "\n".join(lines)


_PLACES = {"function": "in functions", "import": "run on import"}


def _line(name: str, rows: Sequence[Row], place: str) -> str:
    words = [
        f"{name}, {_PLACES[place]}" if place else name,
        len(rows),
        sum(bool(row["failing"]) for row in rows),
        sum(len(row["failing"]) for row in rows),
        sum(len(row["missed"]) for row in rows),
        sum(len(row["false"]) for row in rows),
        sum(not row["uncovered_equal"] for row in rows),
        _share(rows, "ran"),
        _share(rows, "smallest"),
        _median(row["ran"] / row["smallest"] for row in rows if row["smallest"]),
        _median(row["covgate"]["cpu_s"] / row["full"]["cpu_s"] for row in rows),
        _median(row["covgate"]["wall_s"] / row["full"]["wall_s"] for row in rows),
    ]
    return f"| {' | '.join(map(str, words))} |"


def _share(rows: Iterable[Row], key: str) -> str:
    shares = [row[key] / row["suite"] for row in rows if row["suite"]]
    return f"{statistics.mean(shares):.3f}" if shares else ""


def _median(ratios: Iterable[float]) -> str:
    found = list(ratios)
    return f"{statistics.median(found):.2f}" if found else ""


def _words(rows: Sequence[Row], counted: Sequence[Row]) -> list[str]:
    """Say what the table leaves out, and how long the selection took."""
    undecided = sum(bool(row.get("undecided")) for row in rows)
    endless = len(rows) - len(counted) - undecided
    seconds = [_selecting(row) for row in counted]
    said = f"{len(rows)} mutants; {endless} ran without end and {undecided} were left undecided."
    if seconds:
        said += (
            f" Reading the evidence and choosing took {statistics.median(seconds):.2f} s in the"
            f" median, {max(seconds):.2f} s at most."
        )
    return [said]


def _selecting(row: Row) -> float:
    return float(sum(row["timing"].get(name, 0.0) for name in ("evidence", "selection")))


def _peer(counted: Sequence[Row]) -> list[str]:
    rows = [row for row in counted if "testmon" in row]
    if not rows:
        return []
    right = [row for row in rows if not row["testmon"]["missed"]]
    missed = sum(len(row["testmon"]["missed"]) for row in rows)
    cpu = _median(row["testmon"]["cost"]["cpu_s"] / row["full"]["cpu_s"] for row in rows)
    own = _median(row["covgate"]["cpu_s"] / row["full"]["cpu_s"] for row in rows)
    mine, theirs = (
        statistics.mean(share(row) / row["suite"] for row in right)
        for share in (lambda row: row["ran"], lambda row: row["testmon"]["ran"])
    )
    return [
        "",
        f"pytest-testmon without coverage on {len(rows)} of them: {missed} failing tests missed on "
        f"{len(rows) - len(right)} mutants, CPU {cpu} of the full way (covgate {own}); where it "
        f"missed none, it ran a share of {theirs:.3f} (covgate {mine:.3f}).",
    ]


def publish(page: Path, project: str, rows: Sequence[Row]) -> None:
    """Write the table into a page, in place of an earlier one of the project."""
    text = page.read_text()
    first, last = f"<!-- mutants {project} -->", f"<!-- end of mutants {project} -->"
    made = f"{first}\n{table(project, rows)}\n{last}\n"
    before, found, rest = text.partition(f"{first}\n")
    after = rest.partition(f"{last}\n")[2] if found else ""
    page.write_text(f"{before}{made}{after}" if found else f"{text.rstrip()}\n\n{made}")
