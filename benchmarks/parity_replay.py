"""Run `covgate parity` on recent commits of a project: does the gate say what CI would say?

    python benchmarks/parity_replay.py CLONE [--python VENV] [--commits 8] [--docs PAGE]

Each commit is checked out in a private clone; the tests are recorded on its parent, the gate judges
the commit by what they left, and the whole suite runs under plain coverage.py and diff-cover on the
same tree. Results are JSON lines in the workspace: an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measuring import measured
from sections import publish
from workspace import prepare

from git import Repo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workspace import Workspace

Row = dict[str, Any]
_HEAD = """\
## The gate and CI, commit by commit

Made by `benchmarks/parity_replay.py`: at each commit `covgate parity --base HEAD~1 --record-base`
records the tests at the parent, lets the gate judge, runs the whole suite under plain coverage.py
and diff-cover, and compares failing tests, uncovered changed lines, the coverage of each file and
the verdict. "Digest" is the beginning of the hash of the verdict that both came to.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Compare what is missing, print the table; returns 1 when a commit differs."""
    options = _parser().parse_args(argv)
    name = options.clone.resolve().name.removeprefix("proj-")
    home = (options.workspace or Path.cwd() / ".parity" / name).resolve()
    python = options.python and options.python.absolute() / "bin" / "python"
    work = prepare(options.clone.resolve(), home, options.requirements, python)
    results = home / "parity.jsonl"
    rows = list(map(json.loads, results.read_text().splitlines())) if results.exists() else []
    known = {row["commit"] for row in rows}
    # Oldest first: the evidence of a later commit would leave nothing to run for an earlier one.
    for commit in reversed(list(islice(work.candidates(), options.commits))):
        if commit in known:
            continue
        row = {"commit": commit, **_compared(work, commit)}
        rows.append(row)
        with results.open("a") as stream:
            stream.write(json.dumps(row) + "\n")
        print(f"{commit[:10]} {_said(row)}", file=sys.stderr, flush=True)
    section = table(name, rows)
    print(section)
    if options.docs:
        publish(options.docs, "parity", _HEAD, f"{name}: parity", section, {})
    return 1 if any(not row["equal"] for row in rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("clone", type=Path, help="a clone of the project")
    parser.add_argument("--python", type=Path, help="an environment to use; default: a new one")
    parser.add_argument("--commits", type=int, default=8, help="how many that change Python code")
    parser.add_argument("--with", dest="requirements", action="append", default=[])
    parser.add_argument("--workspace", type=Path, help="default: .parity/NAME")
    parser.add_argument("--docs", type=Path, help="the page that the table is written into")
    return parser


def _compared(work: Workspace, commit: str) -> Row:
    git = Repo(work.clone).git
    git.checkout("--quiet", "--force", "--detach", commit)
    git.clean("-ffdq")
    command = [sys.executable, "-m", "covgate", "parity", "--base", "HEAD~1", "--record-base"]
    done = measured([*command, "--format", "json"], work.clone, work.env)
    row: Row = {"code": done.code, "cost": done.cost._asdict()}
    try:
        return {**row, **json.loads(done.out)}
    except ValueError:
        return {**row, "equal": False, "note": (done.err or done.out)[-500:]}


def _said(row: Row) -> str:
    if row["equal"]:
        return "equal"
    return row.get("note") or "; ".join(one["what"] for one in row["differences"])


def table(project: str, rows: Sequence[Row]) -> str:
    """Return the Markdown table of the commits that were compared."""
    head = "| commit | suite | the gate ran | verdict | failing | uncovered | digest | result |"
    lines = [f"### {project}: parity", "", head, "|---|--:|--:|---|--:|--:|---|---|"]
    for row in rows:
        gate, tests = row.get("gate", {}), row.get("tests", {})
        uncovered = sum(map(len, gate.get("uncovered", {}).values()))
        cells = [
            row["commit"][:10],
            tests.get("plain", ""),
            tests.get("ran", ""),
            gate.get("verdict", ""),
            len(gate.get("failed", ())),
            uncovered,
            (row.get("digest") or "")[:12],
            _said(row),
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    equal = sum(row["equal"] for row in rows)
    return "\n".join([*lines, "", f"{equal} of {len(rows)} commits equal.", ""])


if __name__ == "__main__":
    raise SystemExit(main())
