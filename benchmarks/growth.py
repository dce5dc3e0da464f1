"""How covgate's own time and memory grow with the project: one function changes, nothing is run.

    python benchmarks/growth.py [--sizes 200:1000,2000:10000,20000:100000] [--workspace DIR]

Projects of each size are made with the traces of all their tests (`growth_project.py`); then one
function is changed and staged, and all that `covgate check` does before it starts pytest is done in
a process of its own: processor seconds (git's included) by phase, and the peak of its memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plots import Axis, Line, curves
from sections import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LEAF, CORE = "a leaf", "a module that all import"
PHASES = ("start", "change", "imports", "evidence", "project coverage", "order")
_BEGIN, _END = "<!-- growth: begin -->", "<!-- growth: end -->"


def main(argv: Sequence[str] | None = None) -> int:
    """Make what is missing, measure, print the tables."""
    options = _parser().parse_args(argv)
    if options.measure:
        print(json.dumps(_measure(options.measure)))
        return 0
    if options.make:
        _make(options.make, *map(int, options.sizes.split(":")))
        return 0
    rows = []
    for size in options.sizes.split(","):
        modules, tests = map(int, size.split(":"))
        rows += _size(options.workspace / f"{modules}-{tests}", modules, tests, options.rounds)
    (options.workspace / "growth.json").write_text(json.dumps(rows, indent=1))
    text = table(rows)
    print(text)
    if options.docs:
        known = options.docs.read_text()
        before, _, rest = known.partition(_BEGIN)
        after = rest.partition(_END)[2] if rest else ""
        drawn = pictures(rows)
        seen = "\n".join(f"![{name}](pictures/{name})" for name in drawn)
        parts = [f"{before}{_BEGIN}", f"{seen}\n", text, f"{_END}{after or chr(10)}"]
        options.docs.write_text("\n".join(parts))
        draw(options.docs, drawn)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--sizes", default="200:1000,2000:10000,20000:100000")
    parser.add_argument("--workspace", type=Path, default=Path(".growth"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--docs", type=Path, help="a file to put the tables into")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    return parser


def _environment() -> dict[str, str]:
    dropped = ("GIT_", "PRE_COMMIT", "COV", "PYTEST_", "VIRTUAL_ENV")
    env = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    return {**env, "COVGATE_PYTHON": sys.executable}


def _make(folder: Path, modules: int, tests: int) -> None:
    from growth_project import Size, make, record

    clone = folder / "clone"
    clone.mkdir(parents=True)
    make(clone, Size(modules, tests))
    began = time.process_time()
    size = record(clone, _environment())
    facts = {"bytes": size, "record_s": round(time.process_time() - began, 1)}
    (folder / "made.json").write_text(json.dumps(facts))


def _size(folder: Path, modules: int, tests: int, rounds: int) -> list[dict[str, Any]]:
    from growth_project import GROUP, stage_change

    from git import Repo

    made, clone = folder / "made.json", folder / "clone"
    if not made.exists():
        shutil.rmtree(folder, ignore_errors=True)
        # In a process of its own: what is measured would inherit the peak of this one's memory.
        size = ["--make", str(folder), "--sizes", f"{modules}:{tests}"]
        subprocess.run([sys.executable, __file__, *size], check=True)
    facts = json.loads(made.read_text())
    rows = []
    middle = f"app/g{modules // GROUP // 2:05}/m{GROUP - 1}.py"
    for name, path in ((LEAF, middle), (CORE, "app/core/base0.py")):
        found = []
        for number in range(1, rounds + 2):  # the first warms what is kept from commit to commit
            Repo(clone).git.reset("-q", "--hard")
            stage_change(clone, path, number)
            found.append(_asked(clone))
        Repo(clone).git.reset("-q", "--hard")
        first, *others = found
        best = min(others, key=lambda one: sum(one["cpu_s"].values()))
        same = {one["selected"] for one in found}
        assert len(same) == 1, same
        row = {"modules": modules, "tests": tests, "change": name, **best, **facts}
        rows.append({**row, "first_s": sum(first["cpu_s"].values())})
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    return rows


def _asked(clone: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--measure", str(clone.resolve())]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


class _Clock:
    def __init__(self) -> None:
        self.spent = {"start": _cpu()}

    def lap(self, phase: str) -> None:
        self.spent[phase] = self.spent.get(phase, 0.0) + _cpu() - sum(self.spent.values())


def _measure(clone: Path) -> dict[str, Any]:
    """Do what `covgate check` does up to pytest's start; the imports count as "start"."""
    import gc

    from choosing import changed

    from covgate.cli import OBJECTS_BETWEEN_COLLECTIONS
    from covgate.config.reading import read_settings
    from covgate.gate.assembly import executed_earlier
    from covgate.gate.choosing import combine
    from covgate.gate.evidence import open_archive
    from covgate.gate.ordering import promising_files
    from covgate.gate.scope import facts_of_change
    from covgate.impact.cold import select_cold
    from covgate.run.interpreter import find_interpreter

    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)  # as the command does
    clock = _Clock()
    with changed(clone, dict(os.environ)) as (around, change):
        settings = read_settings(change.target, {file.path for file in change.files})
        clock.lap("change")
        cold = select_cold(change, facts_of_change(around.repo, change), settings, False)
        clock.lap("imports")
        repo = around.repo
        python = find_interpreter(repo.top, repo.main_top, settings.python, around.env).python
        archive = open_archive(around, change.target, settings, python)
        with archive.store:
            selection = combine(archive, cold, change)
            clock.lap("evidence")
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            earlier = executed_earlier(archive, selection)
            clock.lap("project coverage")
            promising_files(archive, selection, change)
            clock.lap("order")
    return {
        "cpu_s": clock.spent,
        "choosing_mb": peak,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "selected": len(selection.tests),
        "reused": len(selection.reused),
        "handed_over": len(earlier),
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the Markdown tables."""
    lines = [
        "| modules | tests | one function of | runs | "
        + " | ".join(PHASES)
        + " | choosing, all | memory | with coverage | memory |",
        "|--:|--:|---|--:|" + "--:|" * (len(PHASES) + 4),
    ]
    for row in rows:
        spent = row["cpu_s"]
        total = sum(spent.values())
        choosing = total - spent["project coverage"]
        cells = [row["modules"], row["tests"], row["change"], row["selected"]]
        cells += [f"{spent[phase]:.2f}" for phase in PHASES]
        cells += [f"{choosing:.2f} s", f"{row['choosing_mb']:.0f} MB"]
        cells += [f"{total:.2f} s", f"{row['peak_mb']:.0f} MB"]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", "| modules | tests | store | bytes a test |", "|--:|--:|--:|--:|"]
    for row in rows:
        if row["change"] == LEAF:
            size = row["bytes"]
            cells = [row["modules"], row["tests"], f"{size / 1e6:.1f} MB", size // row["tests"]]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def pictures(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return pictures of time and memory over the size, by the names of their files."""
    sizes = tuple(sorted({float(row["modules"]) for row in rows}))
    across = Axis("modules of the project", log=True, ticks=sizes)

    def lines(value: Callable[[dict[str, Any]], float]) -> list[Line]:
        found: dict[str, list[tuple[float, float]]] = {LEAF: [], CORE: []}
        for row in rows:
            found[row["change"]].append((row["modules"], value(row)))
        return [Line(change, tuple(points)) for change, points in found.items()]

    choosing = lines(lambda row: sum(row["cpu_s"].values()) - row["cpu_s"]["project coverage"])
    memory = lines(lambda row: row["choosing_mb"])
    title = "one function changed, tests chosen and not run"
    return {
        "growth-time.svg": curves(f"CPU: {title}", across, Axis("CPU seconds", log=True), choosing),
        "growth-memory.svg": curves(f"Memory: {title}", across, Axis("peak, MB", log=True), memory),
    }


if __name__ == "__main__":
    raise SystemExit(main())
