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
    counted = [row for row in rows if "ran" in row]
    lines = [
        f"### {project}, mutants",
        "",
        (
            "| mutants | n | flip a test | failing tests | missed | false | ran, share "
            "| smallest, share | ran / smallest | judged | uncovered differ | CPU / full "
            "| wall / full |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
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
    judged = [row for row in rows if "verdict" in row]
    words = [
        f"{name}, {_PLACES[place]}" if place else name,
        len(rows),
        sum(bool(row["failing"]) for row in rows),
        sum(len(row["failing"]) for row in rows),
        sum(len(row["missed"]) for row in rows),
        sum(len(row["false"]) for row in rows),
        _share(rows, "ran"),
        _share(rows, "smallest"),
        _median(row["ran"] / row["smallest"] for row in rows if row["smallest"]),
        len(judged),
        sum(not row["uncovered_equal"] for row in judged),
        _median(row["covgate"]["cpu_s"] / row["full"]["cpu_s"] for row in judged),
        _median(row["covgate"]["wall_s"] / row["full"]["wall_s"] for row in judged),
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
    right, wrong = (
        sum(row.get("undecided") == word for row in rows) for word in ("right", "wrong")
    )
    endless = len(rows) - len(counted) - right - wrong
    said = (
        f"{len(rows)} mutants; {endless} ran without end, {right} broke what pytest starts with "
        f"(covgate is undecided, too), {wrong} were left undecided for other reasons."
    )
    unnamed = sum(len(row.get("unnamed", ())) for row in counted)
    if unnamed:
        said += f" {unnamed} test files that an import broke were not named beside others."
    flaky = sum(len(row["flaky"]) for row in counted)
    if flaky:
        said += f" {flaky} outcomes were others when run again, and do not count."
    seconds = [row["selecting_s"] for row in counted if "selecting_s" in row]
    if seconds:
        said += (
            f" Reading the evidence and choosing took {statistics.median(seconds):.2f} CPU s in the"
            f" median, {max(seconds):.2f} at most."
        )
    return [said]


def _peer(counted: Sequence[Row]) -> list[str]:
    rows = [row for row in counted if "testmon" in row]
    if not rows:
        return []
    right = [row for row in rows if not row["testmon"]["missed"]]
    missed = sum(len(row["testmon"]["missed"]) for row in rows)
    judged = [row for row in rows if "verdict" in row]
    cpu = _median(row["testmon"]["cost"]["cpu_s"] / row["full"]["cpu_s"] for row in judged)
    own = _median(row["covgate"]["cpu_s"] / row["full"]["cpu_s"] for row in judged)
    mine, theirs = (
        [row["ran"] / row["suite"] for row in right],
        [row["testmon"]["ran"] / row["suite"] for row in right],
    )
    said = (
        f"pytest-testmon without coverage on {len(rows)} of them: {missed} failing tests missed on "
        f"{len(rows) - len(right)} mutants, CPU {cpu} of the full way (covgate {own})"
    )
    if right:
        said += (
            f"; where it missed none, it ran a share of {statistics.mean(theirs):.3f} "
            f"(covgate {statistics.mean(mine):.3f})"
        )
    return ["", said + "."]


def publish(page: Path, project: str, rows: Sequence[Row]) -> None:
    """Write the table into a page, in place of an earlier one of the project."""
    text = page.read_text()
    first, last = f"<!-- mutants {project} -->", f"<!-- end of mutants {project} -->"
    made = f"{first}\n{table(project, rows)}\n{last}\n"
    before, found, rest = text.partition(f"{first}\n")
    after = rest.partition(f"{last}\n")[2] if found else ""
    page.write_text(f"{before}{made}{after}" if found else f"{text.rstrip()}\n\n{made}")
