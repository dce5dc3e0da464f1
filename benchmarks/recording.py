"""What recording costs, and what a commit costs after it.

    python benchmarks/recording.py CLONE [--python INTERPRETER] [--rounds 5]
        [--with REQUIREMENT ...] [--workspace DIR] [--docs docs/benchmarks.md]

By turns: plain pytest, `coverage run -m pytest` and `covgate record`, each of all tests. Then, with
everything recorded, a line is added to one function and staged, and `covgate check` judges it
beside the limit: pytest with exactly the tests that run the function.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from contenders import covgate, forget
from measuring import measured
from peers import exactly, tests_by_line
from recording_table import CHECK, COVERAGE, HEAD, LIMIT, PLAIN, RECORD, section
from sections import publish
from versions import asked, cores, covgate_version, said
from workspace import prepare

from git import Repo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from contenders import Judged
    from measuring import Done
    from smallest import Runs
    from workspace import Workspace

Row = dict[str, Any]
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


class Function(NamedTuple):
    """A function of the project: its first statement stands on `line`, and `tests` run it."""

    path: str
    name: str
    line: int
    tests: tuple[str, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what has not been measured yet, and print the tables."""
    options = _parser().parse_args(argv)
    interpreter = Path(shutil.which(options.python) or options.python).absolute()
    minor = ".".join(asked(interpreter)["python"].split(".")[:2])
    project = options.clone.resolve().name.removeprefix("proj-")
    home = (options.workspace or Path.cwd() / ".recording" / f"{project}-{minor}").resolve()
    work = prepare(options.clone.resolve(), home, options.requirements, interpreter=interpreter)
    results = Results(home / "recording.jsonl")
    _check_out(work)
    results.get("suite", "", lambda: {"tests": _collected(work)})
    measured(_pytest(work), work.clone, work.env)  # compiles, and reads from the disk
    for number in range(options.rounds):
        for way, run in WAYS.items():
            results.get(f"record {number}", way, partial(run, work))
    kept = _kept_evidence(work, home / "evidence")
    chosen = results.get("functions", "", lambda: {"found": functions(work, tests_by_line(work))})
    for function in chosen["found"]:
        _change(work, results, Function(*function), options.rounds, kept)
    versions = {"covgate": covgate_version(), **asked(work.python)}
    title = f"{project} on Python {minor}: recording"
    text = section(title, results.known.values(), f"{cores()} cores; {said(versions)}")
    print(text)
    if options.docs:
        publish(options.docs, "recording", HEAD, title, text, {})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("clone", type=Path, help="a clone of the project")
    parser.add_argument(
        "--python",
        type=Path,
        default=Path(sys.executable),
        help="the interpreter that an environment is made of; default: this one",
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--with", dest="requirements", action="append", default=[])
    parser.add_argument("--workspace", type=Path, help="default: .recording/NAME-PYTHON")
    parser.add_argument("--docs", type=Path, help="the page that the tables are written into")
    return parser


class Results:
    """What was measured, kept as JSON lines."""

    def __init__(self, file: Path) -> None:
        rows = map(json.loads, file.read_text().splitlines()) if file.exists() else ()
        self.known: dict[tuple[str, str], Row] = {(row["step"], row["way"]): row for row in rows}
        self._file = file

    def get(self, step: str, way: str, measure: Callable[[], Row]) -> Row:
        """Return the row of a step, measured now when it is not known."""
        if (step, way) not in self.known:
            row = {"step": step, "way": way, **measure()}
            with self._file.open("a") as stream:
                stream.write(json.dumps(row) + "\n")
            print(f"{step} {way} {row.get('cost', '')}", file=sys.stderr, flush=True)
            self.known[step, way] = row
        return self.known[step, way]


def _check_out(work: Workspace) -> None:
    git = Repo(work.clone).git
    git.checkout("--quiet", "--force", "--detach", "replay-tip")
    git.clean("-ffdq")


def _pytest(work: Workspace, *arguments: str) -> list[str]:
    return [str(work.python), "-m", "pytest", "-q", *arguments]


def _collected(work: Workspace) -> int:
    """Return how many tests there are."""
    done = measured(_pytest(work, "--collect-only"), work.clone, work.env)
    return sum("::" in line for line in done.out.splitlines())


def _ran(done: Done) -> Row:
    if done.code not in (0, 1):  # 1: tests fail
        raise RuntimeError(f"exit status {done.code}: {(done.out + done.err)[-500:]}")
    return {"code": done.code, "cost": done.cost._asdict()}


def plain(work: Workspace) -> Row:
    """All tests under pytest."""
    return _ran(measured(_pytest(work), work.clone, work.env))


def coverage(work: Workspace) -> Row:
    """All tests under coverage.py, with the project's own settings."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**work.env, "COVERAGE_FILE": f"{folder}/coverage"}
        command = [str(work.python), "-m", "coverage", "run", "-m", "pytest", "-q"]
        return _ran(measured(command, work.clone, env))


def record(work: Workspace) -> Row:
    """All tests recorded by covgate, from nothing."""
    forget(work)
    done = measured([sys.executable, "-m", "covgate", "record"], work.clone, work.env)
    return {**_ran(done), "store_bytes": _store_bytes(work)}


def _store_bytes(work: Workspace) -> int:
    files = (work.clone / ".git" / "covgate").glob("*.sqlite*")
    return sum(file.stat().st_size for file in files)


WAYS: Mapping[str, Callable[[Workspace], Row]] = {
    PLAIN: plain,
    COVERAGE: coverage,
    RECORD: record,
}


def _kept_evidence(work: Workspace, copy: Path) -> Path:
    """Return a copy of what one recording from nothing leaves, for each check to begin with."""
    if not copy.exists():
        shutil.rmtree(work.clone / ".git" / "covgate", ignore_errors=True)
        record(work)
        part = copy.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(work.clone / ".git" / "covgate", part).rename(copy)
    return copy


def _restore_evidence(work: Workspace, kept: Path) -> None:
    place = work.clone / ".git" / "covgate"
    shutil.rmtree(place)
    shutil.copytree(kept, place)


def functions(work: Workspace, ran: Runs) -> list[Function]:
    """Return three functions of the project: few, middling and many of its tests run them.

    Those that no test runs are left out: by the number of their tests, the others' quartiles.
    """
    tests = {
        test.partition("::")[0] for lines in ran.values() for t in lines.values() for test in t
    }
    found = [
        function
        for path, lines in ran.items()
        if path.endswith(".py") and path not in tests and not path.endswith("conftest.py")
        for function in _functions_of(path, (work.clone / path).read_text(), lines)
    ]
    found.sort(key=lambda one: (len(one.tests), one))
    places = [len(found) * share // 4 for share in (1, 2, 3)]
    return [found[place] for place in places] if found else []


def _functions_of(path: str, source: str, ran: Mapping[int, set[str]]) -> Iterable[Function]:
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, _FUNCTION):
            continue
        body = node.body[ast.get_docstring(node) is not None :]
        # A line is put before the first statement: nothing may stand there, nor a decorator.
        if not body or isinstance(body[0], (*_FUNCTION, ast.ClassDef)):
            continue
        line, before = body[0].lineno, body[0].col_offset
        if lines[line - 1][:before].isspace() and (tests := ran.get(line)):
            yield Function(path, node.name, line, tuple(sorted(tests)))


def with_line(source: str, line: int, number: int) -> str:
    """Return the source with a harmless statement before the one that begins on `line`."""
    lines = source.splitlines(keepends=True)
    first = lines[line - 1]
    indent = first[: len(first) - len(first.lstrip())]
    lines.insert(line - 1, f"{indent}_recorded = {number}\n")
    return "".join(lines)


def _change(work: Workspace, results: Results, function: Function, rounds: int, kept: Path) -> None:
    """Judge the change of a function by turns; what a check leaves behind is taken back."""
    for number in range(rounds):
        _check_out(work)
        _restore_evidence(work, kept)
        file = work.clone / function.path
        file.write_text(with_line(file.read_text(), function.line, number))
        Repo(work.clone).git.add(function.path)
        step = f"change {function.path}: {function.name} {number}"
        results.get(step, LIMIT, lambda: _row(exactly(work, function.tests)))
        results.get(step, CHECK, lambda: _row(covgate(work)))
    _check_out(work)


def _row(judged: Judged) -> Row:
    kept = ("code", "tests", "failed", "note")
    return {**{key: getattr(judged, key) for key in kept}, "cost": judged.cost._asdict()}


if __name__ == "__main__":
    raise SystemExit(main())
