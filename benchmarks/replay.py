"""Replay real commits of a project through contenders, side by side.

    python benchmarks/replay.py CLONE [--commits 10] [--with REQUIREMENT ...] [--workspace DIR]
        [--contenders NAME,...] [--docs docs/benchmarks.md]

For each commit the parent is checked out and the commit staged; every contender judges it, and
their answers are compared with those of the full way (coverage run, coverage xml, diff-cover).
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contenders import CONTENDERS
from nothing import nothing_to_do
from peers import PEERS, REQUIREMENTS, environment
from replay_table import HEAD, differs, picture, section
from sections import file_name, publish
from versions import asked, cores, covgate_version, said
from workspace import prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay_table import Known
    from workspace import Workspace

Row = dict[str, Any]
ALL = {**CONTENDERS, **PEERS}


def main(argv: Sequence[str] | None = None) -> int:
    """Replay, and print the table; returns 1 when an answer differs from the full way's."""
    options = _parser().parse_args(argv)
    project = options.clone.resolve().name.removeprefix("proj-")
    home = (options.workspace or Path.cwd() / ".replay" / project).resolve()
    work = prepare(options.clone.resolve(), home, options.requirements)
    commits = list(islice(work.candidates(), options.commits))
    known = _replayed(work, commits, options.contenders, home / "results.jsonl")
    idle = nothing_to_do(work, home / "nothing.jsonl")
    text = section(project, commits, known, list(ALL), _machine(work, known), idle)
    print(text)
    if options.docs:
        drawn = {file_name("replay", project): picture(project, commits, known, list(ALL))}
        publish(options.docs, "replay", HEAD, f"{project}: replay", text, drawn)
    return 1 if any(differs(known, commit) for commit in commits) else 0


def _replayed(
    work: Workspace, commits: Sequence[str], names: Sequence[str], results: Path
) -> Known:
    """Return all results, after the missing ones were added to the file of them."""
    known = _read(results)
    with results.open("a") as stream:
        for commit in commits:
            for name in names:
                if (commit, name) in known:
                    continue
                row: Row = {"commit": commit, "contender": name, **_run(name, work, commit)}
                known[commit, name] = row
                stream.write(json.dumps(row) + "\n")
                stream.flush()
                _say(row)
    return known


def _machine(work: Workspace, known: Known) -> str:
    """Return the number of cores, and the versions of all that took part."""
    peers = [name for name in REQUIREMENTS if any(who == name for _, who in known)]
    others = [
        asked(python, [requirement.partition("==")[0] for requirement in REQUIREMENTS[name]])
        for name in peers
        if (python := environment(work, name) / "bin" / "python").exists()
    ]
    base = {"covgate": covgate_version(), **asked(work.python)}
    return f"{cores()} cores; {said(base, others)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("clone", type=Path, help="a clone of the project")
    parser.add_argument("--commits", type=int, default=10)
    parser.add_argument("--with", dest="requirements", action="append", default=[])
    parser.add_argument("--workspace", type=Path, help="default: .replay/NAME")
    parser.add_argument(
        "--contenders",
        type=lambda text: text.split(","),
        default=list(ALL),
        help=f"default: all, {','.join(ALL)}",
    )
    parser.add_argument("--docs", type=Path, help="the page that the tables are written into")
    return parser


def _run(name: str, work: Workspace, commit: str) -> Row:
    work.check_out_parent(commit)
    ALL[name].at_parent(work)
    work.stage(commit)
    judged = ALL[name].judge(work)
    return {**judged._asdict(), "cost": judged.cost._asdict()}


def _read(results: Path) -> Known:
    rows = map(json.loads, results.read_text().splitlines()) if results.exists() else ()
    return {(row["commit"], row["contender"]): row for row in rows}


def _say(row: Row) -> None:
    cost = row["cost"]
    what = f"{row['commit'][:10]} {row['contender']:13} exit {row['code']}"
    print(f"{what} {cost['cpu_s']:6.2f} s CPU  {row['note']}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
