"""The tables of a replay, in Markdown, and its picture."""

from __future__ import annotations

import re
import statistics
from typing import TYPE_CHECKING, Any

from plots import Bar, bars
from sections import file_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Row = dict[str, Any]
Known = dict[tuple[str, str], Row]
COVGATE = ("covgate-cold", "covgate-warm")
_EQUAL = 10  # the column "uncovered equal"
HEAD = """\
## Commit by commit, side by side

Made by `benchmarks/replay.py` (see [benchmarks/](../benchmarks/README.md)): for each commit the
parent is checked out, the commit is staged, and each contender judges it. The full way is
`coverage run -m pytest`, `coverage xml` and `diff-cover`; "plain" is pytest alone; "cold" is
covgate without evidence, "warm" after `covgate record` at the parent; the limit is pytest with
exactly the tests that run a changed line, none where such lines run on import only. CPU is that of
a command and all its children.

The table of contenders has medians over the commits that each one judged: "CPU / full" is its
share of the full way's CPU, "worst" that of the worst commit; "CPU / limit" leaves out commits
where the limit has nothing to run; "tests" is the share of the suite that ran; "missed" counts the
failing tests that the full way saw and the contender did not, of all that it saw; "uncovered
equal" on how many commits it named the full way's uncovered changed lines, file by file; "memory"
is the peak of one process; "store" is what is kept from commit to commit. In the table of commits
"plain", "limit", "cold" and "warm" are shares of the full way's CPU, and "equal (n)" means that
covgate names the same n uncovered changed lines. Mutations planted on commits have [a part of
their own](#planted-mutations).
"""


def section(
    project: str,
    commits: Sequence[str],
    known: Known,
    order: Sequence[str],
    machine: str,
    idle: Mapping[str, Sequence[Mapping[str, float]]],
) -> str:
    """Return all that the page says of a project.

    `order` has the names of all contenders, `machine` the versions and the number of cores, and
    `idle` what a commit with nothing to do cost, by command, one entry for each time.
    """
    judged = [commit for commit in commits if (commit, "full") in known]
    lines = [f"### {project}: replay", "", f"Commits: {len(judged)}; {machine}.", ""]
    seen = f"![CPU of each contender](pictures/{file_name('replay', project)})"
    lines += [seen, "", *_contenders(judged, known, order)]
    lines += ["", *_targets(judged, known), *_commits(judged, known), ""]
    return "\n".join([*lines, *_idle(idle)])


def picture(project: str, commits: Sequence[str], known: Known, order: Sequence[str]) -> str:
    """Return a picture of the contenders' CPU, as medians of their shares of the full way's."""
    found = []
    for name in order:
        if name != "full" and (pairs := _decided(_pairs(name, commits, known))):
            share = statistics.median(_ratios(pairs, "cpu_s"))
            found.append(Bar(name, share, name in COVGATE))
    title = f"{project}: CPU of a commit, median of {len(commits)}"
    found.sort(key=lambda bar: bar.value)
    return bars(title, "CPU, as a share of the full way's", found, (1.0, "the full way"))


def differs(known: Known, commit: str) -> str:
    """Return how covgate's answers differ from the full way's, "" when they do not."""
    full = known.get((commit, "full"))
    if full is None or full["uncovered"] is None:
        return ""
    said = (_difference(full, known[commit, name]) for name in COVGATE if (commit, name) in known)
    return "; ".join(filter(None, said))


def _difference(full: Row, ours: Row) -> str:
    name = ours["contender"]
    if ours["uncovered"] is None:
        return f"{name} undecided: {ours['note']}"
    uncovered = _comparable(ours, full["uncovered"])
    if full["uncovered"] != uncovered:
        return f"full way {full['uncovered']}, {name} {uncovered}"
    return ""


def _comparable(ours: Row, full: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """Return the uncovered lines without those that diff-cover could not report."""
    found = {path: set(lines) for path, lines in ours["uncovered"].items()}
    for lines in (ours["beyond"] or {}).values():
        for path, some in lines.items():
            if known := set(some) & set(full.get(path, ())):
                found.setdefault(path, set()).update(known)
    return {path: sorted(lines) for path, lines in found.items()}


def _failing(full: Row, ours: Row) -> str:
    """Return how failing tests differ, "" when they do not.

    A test that fails at random differs between two full runs as well: look at each by hand.
    """
    theirs, found = _names(full["failed"]), _names(ours["failed"])
    only = [("the full way", theirs - found), (ours["contender"], found - theirs)]
    return "; ".join(f"only {who} saw {', '.join(sorted(t))} fail" for who, t in only if t)


def _names(tests: Iterable[str]) -> set[str]:
    """Return the tests' own names: JUnit and pytest write the way to them differently."""
    return {re.split(r"::|\.", test.partition("[")[0])[-1] for test in tests}


def _pairs(name: str, commits: Sequence[str], known: Known) -> list[tuple[Row, Row]]:
    return [
        (row, full)
        for commit in commits
        if (row := known.get((commit, name))) and (full := known.get((commit, "full")))
    ]


def _decided(pairs: Sequence[tuple[Row, Row]]) -> list[tuple[Row, Row]]:
    """Return what was judged: how soon covgate gave up is no measure."""
    return [
        (row, full)
        for row, full in pairs
        if row["contender"] not in COVGATE or row["uncovered"] is not None
    ]


def _ratios(pairs: Iterable[tuple[Row, Row]], kind: str) -> list[float]:
    return [row["cost"][kind] / other["cost"][kind] for row, other in pairs if other["cost"][kind]]


def _commits(commits: Sequence[str], known: Known) -> list[str]:
    """Return a table with one line for each commit."""
    names = ("plain", "limit", *COVGATE)
    lines = [
        (
            "| commit | suite | ran cold | ran warm | CPU full | plain | limit | cold | warm "
            "| uncovered changed lines |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for commit in commits:
        full = known[commit, "full"]
        spent = full["cost"]["cpu_s"]
        rows = {name: known.get((commit, name)) for name in names}
        shown = [f"{row['cost']['cpu_s'] / spent:.2f}" if row else "" for row in rows.values()]
        ran = [_ran(rows[name]) for name in COVGATE]
        count = sum(len(some) for some in (full["uncovered"] or {}).values())
        judged = [row for name in COVGATE if (row := rows[name]) and row["failed"] is not None]
        words = [differs(known, commit) or (f"equal ({count})" if judged else "")]
        if full["failed"] is not None:
            words += [_failing(full, row) for row in judged]
        verdict = "; ".join(filter(None, words))
        cells = [commit[:10], full["tests"], *ran, f"{spent:.2f} s", *shown, verdict]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def _ran(row: Row | None) -> str:
    if row is None:
        return ""
    return "undecided" if row["tests"] is None else str(row["tests"])


def _contenders(commits: Sequence[str], known: Known, order: Sequence[str]) -> list[str]:
    """Return a table of all contenders: medians over the commits that each one judged."""
    lines = [
        (
            "| contender | commits | CPU | CPU / full | worst | CPU / limit | wall | wall / full "
            "| tests | missed | uncovered equal | memory | store | store a test |"
        ),
        "|---|" + "--:|" * 13,
    ]
    for name in order:
        if pairs := _pairs(name, commits, known):
            decided = _decided(pairs)
            left = len(pairs) - len(decided)
            count = f"{len(decided)}, {left} undecided" if left else str(len(pairs))
            cells = [name, count, *_medians(decided, known)]
            cells[_EQUAL] = _equal(pairs)
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _medians(pairs: Sequence[tuple[Row, Row]], known: Known) -> list[str]:
    def median(values: Iterable[float], form: str) -> str:
        found = list(values)
        return form.format(statistics.median(found)) if found else ""

    rows = [row for row, _ in pairs]
    to_full = _ratios(pairs, "cpu_s")
    limits = [(row, limit) for row in rows if (limit := known.get((row["commit"], "limit")))]
    stores = [(row["store_bytes"], full["tests"]) for row, full in pairs if row.get("store_bytes")]
    return [
        median((row["cost"]["cpu_s"] for row in rows), "{:.2f} s"),
        median(to_full, "{:.2f}"),
        f"{max(to_full):.2f}" if to_full else "",
        median(_ratios(limits, "cpu_s"), "{:.2f}"),
        median((row["cost"]["wall_s"] for row in rows), "{:.2f} s"),
        median(_ratios(pairs, "wall_s"), "{:.2f}"),
        median((r["tests"] / f["tests"] for r, f in pairs if r["tests"] is not None), "{:.3f}"),
        _missed(pairs),
        "",
        median((row["cost"]["peak_mb"] for row in rows), "{:.0f} MB"),
        median((size / 1e6 for size, _ in stores), "{:.1f} MB"),
        median((size / tests for size, tests in stores if tests), "{:,.0f} B"),
    ]


def _missed(pairs: Sequence[tuple[Row, Row]]) -> str:
    """Return how many failing tests were missed, of how many; "" for who does not say."""
    both = [
        (_names(full["failed"]), _names(row["failed"]))
        for row, full in pairs
        if row["failed"] is not None and full["failed"] is not None
    ]
    if not both or all(row is full for row, full in pairs):
        return ""
    return f"{sum(len(t - o) for t, o in both)} of {sum(len(t) for t, _ in both)}"


def _equal(pairs: Sequence[tuple[Row, Row]]) -> str:
    """Return on how many commits the uncovered lines were equal; "" for who never tells any."""
    told = [(row, full) for row, full in pairs if full["uncovered"] is not None]
    says = any(row["contender"] in COVGATE or row["uncovered"] is not None for row, _ in told)
    if not says or told[0][0] is told[0][1]:
        return ""
    return f"{sum(not _difference(full, row) for row, full in told)} of {len(told)}"


def _targets(commits: Sequence[str], known: Known) -> list[str]:
    """Return what the warm gate took, against the limit and against its worst commit."""
    rows = [row for row, _ in _decided(_pairs("covgate-warm", commits, known))]
    both = [
        (row["cost"]["cpu_s"], limit["cost"]["cpu_s"])
        for row in rows
        if (limit := known.get((row["commit"], "limit")))
    ]
    if not both:
        return []
    within = sum(ours <= 0.3 + 1.5 * limit for ours, limit in both)
    over = statistics.median(ours - limit for ours, limit in both)
    return [
        (
            f"covgate-warm took at most 1.5 times the limit's CPU on top of 0.3 s on {within} of "
            f"{len(both)} commits; in the median it took {over:.2f} s more than the limit."
        ),
        "",
    ]


def _idle(idle: Mapping[str, Sequence[Mapping[str, float]]]) -> list[str]:
    """Return what a commit costs that has nothing to do."""
    if not idle:
        return []
    times = min(map(len, idle.values()))
    lines = [
        f"Nothing to do: a line added to the README, median of {times}, by turns.",
        "",
        "| command | CPU | wall | memory |",
        "|---|--:|--:|--:|",
    ]
    for name, costs in idle.items():
        cpu, wall, peak = (
            statistics.median(cost[kind] for cost in costs)
            for kind in ("cpu_s", "wall_s", "peak_mb")
        )
        lines.append(f"| {name} | {cpu:.3f} s | {wall:.3f} s | {peak:.0f} MB |")
    return [*lines, ""]
