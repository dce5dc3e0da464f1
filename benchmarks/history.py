"""Replay the history of a project commit by commit, and compare its coverage with a full run's.

    python benchmarks/history.py CLONE [--python VENV] [--commits 20] [--policy covgate.toml]
        [--docs docs/benchmarks.md]

`covgate record` at the first commit; then each commit is staged on its parent, judged by
`covgate check`, measured by `coverage run -m pytest` and `coverage json`, and committed. The
evidence goes on from commit to commit, as it does on a developer's machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measuring import Cost, Done, measured
from plots import Axis, Line, curves
from sections import file_name, publish
from workspace import Workspace, prepare

from git import Repo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Row = dict[str, Any]
_PATIENCE_S, _TIMED_OUT = "300", 124
_HEAD = """\
## The coverage of the project, commit by commit

Made by `benchmarks/history.py`: `covgate record` at the parent of the first commit, then each
commit is staged, judged by `covgate check` and committed, so that the evidence goes on from one to
the next. "With a policy" means that all commits hold a covgate.toml with a rule that judges by
these numbers. "Equal (n)" means that the total and the percentage of each of n files are those of
`coverage run -m pytest` and `coverage json` at that commit, to the last digit. "Not exact yet" is
said where a test may have left lines to others, and nobody asked for the numbers by a rule:
`covgate record` runs those tests.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Replay, write the table; returns 1 when a number differs from the full run's."""
    options = _parser().parse_args(argv)
    name = options.clone.resolve().name.removeprefix("proj-")
    policy = options.policy.read_text() if options.policy else ""
    home = (options.workspace or Path.cwd() / ".history" / name).resolve()
    python = options.python and _interpreter(options.python)
    work = prepare(options.clone.resolve(), home, options.requirements, python)
    results = home / "history.jsonl"
    known = {row["commit"]: row for row in _read(results)}
    first, *commits = _commits(work, options.commits)
    for commit in (first, *commits):
        if commit not in known:
            replayed = _recorded if commit == first else _replayed
            row = replayed(work, commit, policy)
            known[commit] = row
            with results.open("a") as stream:
                stream.write(json.dumps(row) + "\n")
            print(f"{commit[:10]} {_verdict(row)}", file=sys.stderr, flush=True)
        _commit(work, commit, policy)
    rows = [known[commit] for commit in commits]
    title = f"{name} with a policy: history" if policy else f"{name}: history"
    section = table(title, rows)
    print(section)
    if options.docs:
        drawn = {file_name("history", _stem(title)): picture(title, rows)}
        publish(options.docs, "history", _HEAD, title, section, drawn)
    return 1 if any(row["differences"] for row in rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("clone", type=Path, help="a clone of the project")
    parser.add_argument("--python", type=Path, help="an environment to use; default: a new one")
    parser.add_argument("--commits", type=int, default=20)
    parser.add_argument("--policy", type=Path, help="a covgate.toml for every commit")
    parser.add_argument("--with", dest="requirements", action="append", default=[])
    parser.add_argument("--workspace", type=Path, help="default: .history/NAME")
    parser.add_argument("--docs", type=Path, help="the page that the table is written into")
    return parser


def _interpreter(place: Path) -> Path:
    return place.absolute() / "bin" / "python" if place.is_dir() else place.absolute()


def _read(results: Path) -> Iterable[Row]:
    return map(json.loads, results.read_text().splitlines()) if results.exists() else ()


def _commits(work: Workspace, number: int) -> list[str]:
    """Return the last commits of the main line, oldest first, after the one to record at."""
    words = ("--first-parent", f"--max-count={number + 1}", "replay-tip")
    found: str = Repo(work.clone).git.rev_list(*words)
    return found.split()[::-1]


def _commit(work: Workspace, commit: str, policy: str) -> None:
    """Make `commit` what is checked out: after it was staged, as if it had been committed."""
    git = Repo(work.clone).git
    git.checkout("--quiet", "--force", "--detach", commit)
    git.clean("-ffdq")
    if policy:
        _add(work, policy)
        git.commit("--quiet", "--no-verify", "--message", "policy")


def _add(work: Workspace, policy: str) -> None:
    (work.clone / "covgate.toml").write_text(policy)
    Repo(work.clone).git.add("--force", "covgate.toml")


def _recorded(work: Workspace, commit: str, policy: str) -> Row:
    _commit(work, commit, policy)
    done = measured([sys.executable, "-m", "covgate", "record"], work.clone, work.env)
    note = "" if done.code == 0 else (done.out + done.err)[-500:]
    return {"commit": commit, "record": done.cost._asdict(), "differences": note}


def _replayed(work: Workspace, commit: str, policy: str) -> Row:
    work.stage(commit)
    if policy:
        _add(work, policy)
    command = [sys.executable, "-m", "covgate", "check", "--format", "json"]
    done = measured(command, work.clone, work.env)
    full, report = _full(work)
    row: Row = {"commit": commit, "full": full.cost._asdict(), "covgate": done.cost._asdict()}
    try:
        answer = json.loads(done.out)
    except ValueError:
        return {**row, "ran": None, "files": 0, "differences": done.err[-500:] or "no answer"}
    row["ran"] = len(answer["tests"]["selected"])
    row["reused"] = answer["tests"]["reused"]
    row["files"] = len(report["files"]) if report else 0
    row["percent"] = report and report["totals"]["percent_covered"]
    row["differences"] = _differences(answer, report, full)
    row["timing"] = answer["timing"]
    return row


def _full(work: Workspace) -> tuple[Done, Mapping[str, Any] | None]:
    """Return the full run and coverage's JSON report, None when it made none."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**work.env, "COVERAGE_FILE": f"{folder}/coverage"}
        coverage = [str(work.python), "-m", "coverage"]
        command = ["timeout", _PATIENCE_S, *coverage, "run", "-m", "pytest", "-q"]
        ran = measured(command, work.clone, env)
        if ran.code == _TIMED_OUT:  # some suites hang now and then on a busy machine
            ran = measured(command, work.clone, env)
        cost = ran.cost
        if any(Path(folder).glob("coverage.*")):
            cost += measured([*coverage, "combine", "-q"], work.clone, env).cost
        out = Path(folder) / "report.json"
        wrote = measured([*coverage, "json", "-q", "-o", str(out)], work.clone, env)
        report = json.loads(out.read_text()) if out.exists() else None
        return ran._replace(cost=cost + wrote.cost), report


def _differences(
    answer: Mapping[str, Any], report: Mapping[str, Any] | None, full: Done
) -> str | list[str]:
    """Return what differs, in words; nothing when all numbers are equal."""
    ours = answer["project_coverage"]
    if report is None:
        return f"the full way gave no numbers: {full.out[-300:]}"
    if ours is None or not ours["exact"]:
        why = (ours or {}).get("why") or [finding["message"] for finding in answer["findings"]]
        return f"not exact ({answer['verdict']}): {why or answer['notes']}"
    theirs = {path: file["summary"]["percent_covered"] for path, file in report["files"].items()}
    found = [
        f"{path}: full {theirs.get(path)}, covgate {ours['files'].get(path)}"
        for path in sorted(theirs.keys() | ours["files"].keys())
        if theirs.get(path) != ours["files"].get(path)
    ]
    total = report["totals"]["percent_covered"]
    if total != ours["percent"]:
        found.append(f"total: full {total}, covgate {ours['percent']}")
    return found


def _verdict(row: Row) -> str:
    if row["differences"]:
        told = row["differences"]
        return told if isinstance(told, str) else "; ".join(told)
    return f"equal ({row['files']})" if "files" in row else "recorded"


def table(title: str, rows: Sequence[Row]) -> str:
    """Return the Markdown table of a replay."""
    head = "| commit | tests run | reused | CPU full | CPU covgate | total | numbers |"
    seen = f"![CPU of each commit](pictures/{file_name('history', _stem(title))})"
    lines = [f"### {title}", "", seen, "", head, "|---|--:|--:|--:|--:|--:|---|"]
    full, ours = Cost(), Cost()
    for row in rows:
        spent, cost = Cost(**row["full"]), Cost(**row["covgate"])
        full, ours = full + spent, ours + cost
        percent = row.get("percent")
        cells = [
            row["commit"][:10],
            row["ran"],
            row.get("reused", ""),
            f"{spent.cpu_s:.2f} s",
            f"{cost.cpu_s:.2f} s",
            "" if percent is None else f"{percent:.2f} %",
            _verdict(row),
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    equal = sum(not row["differences"] for row in rows)
    share = ours.cpu_s / full.cpu_s if full.cpu_s else 0
    said = f"{equal} of {len(rows)} commits equal; covgate took {share:.2f} of the full way's CPU."
    return "\n".join([*lines, "", said, ""])


def picture(title: str, rows: Sequence[Row]) -> str:
    """Return a picture of what each commit cost, beside the full way."""
    numbered = list(enumerate(rows, start=1))
    ours = [(float(n), row["covgate"]["cpu_s"]) for n, row in numbered if _decided(row)]
    full = [(float(n), row["full"]["cpu_s"]) for n, row in numbered]
    lines = [Line("covgate check", tuple(ours)), Line("the full way", tuple(full))]
    drawn = [line for line in lines if line.points]
    ticks = tuple(float(n) for n in range(1, len(rows) + 1) if n == 1 or n % 5 == 0)
    across = Axis("commit, oldest first", ticks=ticks)
    return curves(f"{_stem(title)}: CPU, commit by commit", across, Axis("CPU seconds"), drawn)


def _decided(row: Row) -> bool:
    """Return whether covgate judged the commit: how soon it gave up says nothing."""
    undecided = str(row["differences"]).startswith("not exact (undecided)")
    return row["ran"] is not None and not undecided


def _stem(title: str) -> str:
    return title.removesuffix(": history")


if __name__ == "__main__":
    raise SystemExit(main())
