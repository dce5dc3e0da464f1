"""Replay real commits of a project through contenders, side by side.

    python benchmarks/replay.py CLONE [--commits 10] [--with REQUIREMENT ...] [--workspace DIR]

For each commit the parent is checked out and the commit staged; every contender judges it, and
their answers are compared with those of the full way (coverage run, coverage xml, diff-cover).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contenders import CONTENDERS
from workspace import prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, Any]


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
                work.stage(commit)
                row: Row = {"commit": commit, "contender": name, **_run(name, work)}
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
    parser.add_argument("--contenders", type=lambda text: text.split(","), default=list(CONTENDERS))
    return parser


def _run(name: str, work: Any) -> Row:
    judged = CONTENDERS[name](work)
    return {**judged._asdict(), "cost": judged.cost._asdict()}


def _read(results: Path) -> dict[tuple[str, str], Row]:
    rows = map(json.loads, results.read_text().splitlines()) if results.exists() else ()
    return {(row["commit"], row["contender"]): row for row in rows}


def _say(row: Row) -> None:
    cost = row["cost"]
    what = f"{row['commit'][:10]} {row['contender']:13} exit {row['code']}"
    print(f"{what} {cost['cpu_s']:6.2f} s CPU  {row['note']}", file=sys.stderr, flush=True)


def _differs(known: dict[tuple[str, str], Row], commit: str) -> str:
    """Return how covgate's answer differs from the full way's, "" when it does not."""
    full, ours = known.get((commit, "full")), known.get((commit, "covgate-cold"))
    if full is None or ours is None or full["uncovered"] is None:
        return ""
    if ours["uncovered"] is None:
        return f"undecided: {ours['note']}"
    if full["uncovered"] != ours["uncovered"]:
        return f"full way {full['uncovered']}, covgate {ours['uncovered']}"
    if bool(full["failed"]) != bool(ours["failed"]):
        return f"failing tests: full way {full['failed']}, covgate {ours['failed']}"
    return ""


def table(project: str, commits: Sequence[str], known: dict[tuple[str, str], Row]) -> str:
    """Return the Markdown table of a replay."""
    lines = [
        f"### {project}",
        "",
        "| commit | suite | ran | CPU full | CPU covgate | ratio | uncovered changed lines |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    ratios = []
    for commit in commits:
        full, ours = known.get((commit, "full")), known.get((commit, "covgate-cold"))
        if full is None or ours is None:
            continue
        ratio = ours["cost"]["cpu_s"] / full["cost"]["cpu_s"]
        ratios.append(ratio)
        count = sum(len(lines) for lines in (full["uncovered"] or {}).values())
        verdict = f"{_differs(known, commit)}" or f"equal ({count})"
        lines.append(
            f"| {commit[:10]} | {full['tests']} | {ours['tests']} | {full['cost']['cpu_s']:.2f} "
            f"| {ours['cost']['cpu_s']:.2f} | {ratio:.2f} | {verdict} |"
        )
    if ratios:
        lines += ["", f"Median ratio of CPU seconds: {statistics.median(ratios):.2f}"]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
