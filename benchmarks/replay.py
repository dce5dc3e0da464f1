"""Replay real commits of a project through contenders, side by side.

    python benchmarks/replay.py CLONE [--commits 10] [--with REQUIREMENT ...] [--workspace DIR]

For each commit the parent is checked out and the commit staged; every contender judges it, and
their answers are compared with those of the full way (coverage run, coverage xml, diff-cover).
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contenders import CONTENDERS
from peers import PEERS
from workspace import prepare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workspace import Workspace

Row = dict[str, Any]
COVGATE = ("covgate-cold", "covgate-warm")
ALL = {**CONTENDERS, **PEERS}


def main(argv: Sequence[str] | None = None) -> int:
    """Replay, and print the table; returns 1 when an answer differs from the full way's."""
    options = _parser().parse_args(argv)
    home = options.workspace or Path.cwd() / ".replay" / options.clone.resolve().name
    work = prepare(options.clone.resolve(), home, options.requirements)
    results = home / "results.jsonl"
    known = _read(results)
    with results.open("a") as stream:
        for commit in islice(work.candidates(), options.commits):
            for name in options.contenders:
                if (commit, name) in known:
                    continue
                row: Row = {"commit": commit, "contender": name, **_run(name, work, commit)}
                known[commit, name] = row
                stream.write(json.dumps(row) + "\n")
                stream.flush()
                _say(row)
    chosen = list(islice(work.candidates(), options.commits))
    print(table(options.clone.resolve().name, chosen, known))
    return 1 if any(_differs(known, commit) for commit in chosen) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("clone", type=Path, help="a clone of the project")
    parser.add_argument("--commits", type=int, default=10)
    parser.add_argument("--with", dest="requirements", action="append", default=[])
    parser.add_argument("--workspace", type=Path, help="default: .replay/NAME")
    parser.add_argument("--contenders", type=lambda text: text.split(","), default=list(ALL))
    return parser


def _run(name: str, work: Workspace, commit: str) -> Row:
    work.check_out_parent(commit)
    ALL[name].at_parent(work)
    work.stage(commit)
    judged = ALL[name].judge(work)
    return {**judged._asdict(), "cost": judged.cost._asdict()}


def _read(results: Path) -> dict[tuple[str, str], Row]:
    rows = map(json.loads, results.read_text().splitlines()) if results.exists() else ()
    return {(row["commit"], row["contender"]): row for row in rows}


def _say(row: Row) -> None:
    cost = row["cost"]
    what = f"{row['commit'][:10]} {row['contender']:13} exit {row['code']}"
    print(f"{what} {cost['cpu_s']:6.2f} s CPU  {row['note']}", file=sys.stderr, flush=True)


def _differs(known: dict[tuple[str, str], Row], commit: str) -> str:
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


def _failing(full: Row, ours: Row) -> str:
    """Return how failing tests differ, "" when they do not.

    A test that fails at random differs between two full runs as well: look at each by hand.
    """
    theirs = {_short(test) for test in full["failed"]}
    found = {_short(test) for test in ours["failed"]}
    only = [("the full way", theirs - found), (ours["contender"], found - theirs)]
    return "; ".join(f"only {who} saw {', '.join(sorted(t))} fail" for who, t in only if t)


def _short(test: str) -> str:
    """Return a test's own name: JUnit and pytest write the way to it differently."""
    return re.split(r"::|\.", test.partition("[")[0])[-1]


def _comparable(ours: Row, full: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """Return covgate's uncovered lines without those that diff-cover could not report."""
    found = {path: set(lines) for path, lines in ours["uncovered"].items()}
    for lines in ours["beyond"].values():
        for path, some in lines.items():
            if known := set(some) & set(full.get(path, ())):
                found.setdefault(path, set()).update(known)
    return {path: sorted(lines) for path, lines in found.items()}


def table(project: str, commits: Sequence[str], known: dict[tuple[str, str], Row]) -> str:
    """Return the Markdown table of a replay."""
    lines = [
        f"### {project}",
        "",
        (
            "| commit | suite | ran cold | ran warm | CPU full | plain | cold | warm "
            "| uncovered changed lines |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    ratios: dict[str, list[float]] = {"plain": [], **{name: [] for name in COVGATE}}
    for commit in commits:
        if (full := known.get((commit, "full"))) is None:
            continue
        spent = full["cost"]["cpu_s"]
        rows = {name: known.get((commit, name)) for name in ratios}
        cells = {name: row["cost"]["cpu_s"] / spent for name, row in rows.items() if row}
        for name, ratio in cells.items():
            ratios[name].append(ratio)
        ran = [row["tests"] if (row := rows[name]) else "" for name in COVGATE]
        shown = [f"{cells[name]:.2f}" if name in cells else "" for name in ratios]
        count = sum(len(some) for some in (full["uncovered"] or {}).values())
        verdict = _differs(known, commit) or f"equal ({count})"
        judged = (row for name in COVGATE if (row := rows[name]) and row["failed"] is not None)
        verdict = "; ".join(filter(None, [verdict, *(_failing(full, row) for row in judged)]))
        words = [commit[:10], full["tests"], *ran, f"{spent:.2f} s", *shown, verdict]
        lines.append(f"| {' | '.join(map(str, words))} |")
    medians = (f"{name} {statistics.median(some):.2f}" for name, some in ratios.items() if some)
    lines += ["", f"Median CPU seconds, as a share of the full way: {', '.join(medians)}", ""]
    return "\n".join([*lines, *_side_by_side(commits, known), ""])


def _side_by_side(commits: Sequence[str], known: dict[tuple[str, str], Row]) -> list[str]:
    """Return a table of all contenders: medians over the commits that each one judged."""
    lines = [
        (
            "| contender | commits | CPU | CPU / full | wall / full | CPU / limit | tests, share "
            "| failing tests missed | peak memory | store |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name in ALL:
        pairs = [
            (row, full)
            for commit in commits
            if (row := known.get((commit, name))) and (full := known.get((commit, "full")))
        ]
        if not pairs:
            continue
        limits = [known.get((row["commit"], "limit")) for row, _ in pairs]
        lines.append(f"| {' | '.join([name, str(len(pairs)), *_medians(pairs, limits)])} |")
    return lines


def _medians(pairs: list[tuple[Row, Row]], limits: list[Row | None]) -> list[str]:
    def median(values: list[float], form: str) -> str:
        return form.format(statistics.median(values)) if values else ""

    cpu = [row["cost"]["cpu_s"] for row, _ in pairs]
    to_limit = [
        row["cost"]["cpu_s"] / limit["cost"]["cpu_s"]
        for (row, _), limit in zip(pairs, limits, strict=True)
        if limit and limit["cost"]["cpu_s"]
    ]
    shares = [row["tests"] / full["tests"] for row, full in pairs if row["tests"] is not None]
    missed = [
        len({_short(test) for test in full["failed"]} - {_short(test) for test in row["failed"]})
        for row, full in pairs
        if row["failed"] is not None and full["failed"] is not None
    ]
    stores = [row["store_bytes"] / 1e6 for row, _ in pairs if row.get("store_bytes")]
    return [
        median(cpu, "{:.2f} s"),
        median([row["cost"]["cpu_s"] / full["cost"]["cpu_s"] for row, full in pairs], "{:.2f}"),
        median([row["cost"]["wall_s"] / full["cost"]["wall_s"] for row, full in pairs], "{:.2f}"),
        median(to_limit, "{:.2f}"),
        median(shares, "{:.3f}"),
        str(sum(missed)) if missed else "",
        median([row["cost"]["peak_mb"] for row, _ in pairs], "{:.0f} MB"),
        median(stores, "{:.1f} MB"),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
