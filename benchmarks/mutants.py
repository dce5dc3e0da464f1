"""Plant small mutations on recent commits of a project, and compare covgate with the full suite.

    python benchmarks/mutants.py CLONE --python VENV/bin/python [--mutants 100] [--workspace DIR]

For each of some recent commits everything is recorded once; then each mutation is staged on top of
it. On every Nth (`--judge`), `covgate check` and the full way (coverage run, coverage xml,
diff-cover) judge it side by side, pytest-testmon on every Nth of `--testmon`; on the others the
whole suite runs without coverage, and is compared with the tests that covgate would run. Results
are JSON lines in the workspace: an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from choosing import choose
from contenders import covgate_answer, full, record_parent
from measuring import Cost, measured
from mutants_table import publish, table
from mutations import Mutation, mutations
from smallest import runs, smallest
from workspace import adopt

from git import Repo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from measuring import Done
    from smallest import Runs
    from workspace import Workspace

Row = dict[str, Any]
HERE = Path(__file__).resolve().parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is missing, print the table; returns 1 when a failing test is missed."""
    options = _parser().parse_args(argv)
    source, home = options.clone.resolve(), options.workspace.resolve()
    results = home / "mutants.jsonl"
    if options.table is None or options.mutants:
        wanted = options.requirements
        work = adopt(source, home, options.python, "env", wanted)
        testmon = None
        if options.testmon:
            added = ("pytest-testmon", *wanted)
            testmon = adopt(source, home, options.python, "env-testmon", added)
        _replay(options, _Replay(work, testmon, home), results)
    rows = _read(results)
    print(table(options.clone.name, rows))
    if options.table is not None:
        publish(options.table, options.clone.name, rows)
    return 1 if any(row.get("missed") for row in rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("clone", type=Path, help="a clone of the project")
    parser.add_argument("--python", type=Path, required=True, help="where its tests can be run")
    parser.add_argument("--with", dest="requirements", action="append", default=[])
    parser.add_argument("--mutants", type=int, default=100, help="how many in all")
    parser.add_argument("--each", type=int, default=20, help="how many on one commit")
    parser.add_argument("--judge", type=int, default=1, metavar="N", help="judge every Nth wholly")
    parser.add_argument("--testmon", type=int, default=0, metavar="N", help="try it on every Nth")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--table", type=Path, help="write the table into this Markdown file")
    return parser


def _read(results: Path) -> list[Row]:
    return list(map(json.loads, results.read_text().splitlines())) if results.exists() else []


def _replay(options: argparse.Namespace, replay: _Replay, results: Path) -> None:
    known = {(row["commit"], row["place_in_commit"]) for row in _read(results)}
    left = options.mutants - len(known)
    with results.open("a") as stream:
        for commit in replay.commits():
            if left <= 0:
                break
            planned = replay.plan(commit, options.each, options.seed)[: max(left, options.each)]
            base: _Base | None = None
            for place, mutation in enumerate(planned):
                if (commit, place) in known or left <= 0:
                    continue
                if base is None:
                    base = replay.base(commit)
                if not base.outcomes:
                    print(f"{commit[:8]} left out: no test ran", file=sys.stderr)
                    break
                peer = bool(options.testmon) and _is_nth(place, options.testmon)
                row = {"commit": commit, "place_in_commit": place, **mutation._asdict()}
                wholly = _is_nth(place, options.judge)
                row.update(replay.judge(base, mutation, wholly=wholly, peer=peer))
                stream.write(json.dumps(row) + "\n")
                stream.flush()
                _say(row)
                left -= 1


def _is_nth(place: int, count: int) -> bool:
    """Whether it is the turn of a place; both halves of a plan, which alternate, get theirs."""
    return (place + place // count) % count == 0


def _say(row: Row) -> None:
    spot = f"{row['commit'][:8]} {row['path']}:{row['first']} {row['kind']}"
    said = {key: row.get(key) for key in ("missed", "false", "uncovered_equal", "ran", "smallest")}
    print(f"{spot} {row.get('note') or said}", file=sys.stderr, flush=True)


class _Base(NamedTuple):
    """A commit as it is: outcomes, lines by test, and what it took to run."""

    commit: str
    outcomes: Mapping[str, str]
    ran: Runs
    sources: Mapping[str, bytes]
    cost: Cost
    limit_s: float
    evidence: Path


class _Full(NamedTuple):
    outcomes: Mapping[str, str]
    judged: Any


class _Replay:
    """The private clone, and what is done on it."""

    def __init__(self, work: Workspace, testmon: Workspace | None, home: Path) -> None:
        self.work = work
        self.testmon = testmon
        self.home = home
        self.git = Repo(work.clone).git

    def commits(self) -> Iterator[str]:
        """Yield commits that change Python code which is not only tests, newest first."""
        for commit in self.work.candidates():
            if any(not is_test(path) for path in self._changed(commit)):
                yield commit

    def _changed(self, commit: str) -> list[str]:
        names = self.git.diff("--name-only", "-z", "--diff-filter=AM", f"{commit}^", commit)
        return [name for name in names.split("\0") if name.endswith(".py")]

    def plan(self, commit: str, count: int, seed: str) -> list[Mutation]:
        """Return the mutations of a commit: half in functions that it changed, half on import."""
        self._check_out(commit)
        chance = random.Random(f"{seed} {commit}")
        changed = self._changed(commit)
        inside: list[Mutation] = []
        for path in changed:
            lines = self._lines(commit, path)
            found = mutations(path, (self.work.clone / path).read_bytes(), lines)
            inside += [one for one in found if one.place == "function"]
        on_import = self._on_import(changed)
        if len({one.kind for one in on_import}) < 3:
            on_import += self._on_import(self._sources())
        halves = [_varied(some, chance) for some in (inside, on_import)]
        planned = [one for pair in zip(*halves, strict=False) for one in pair]
        planned += [one for half in halves for one in half if one not in planned]
        return planned[:count]

    def _on_import(self, paths: Sequence[str]) -> list[Mutation]:
        found: list[Mutation] = []
        for path in paths:
            source = (self.work.clone / path).read_bytes()
            with suppress(SyntaxError, ValueError):
                # With no line wanted, those in functions are not made, nor tried for being Python.
                found += [one for one in mutations(path, source, ()) if one.place == "import"]
        return found

    def _sources(self) -> list[str]:
        names = self.git.ls_files("-z", "*.py").split("\0")
        return [name for name in names if name and not is_test(name) and _is_library(name)]

    def _lines(self, commit: str, path: str) -> set[int]:
        found: set[int] = set()
        for line in self.git.diff("-U0", f"{commit}^", commit, "--", path).splitlines():
            if line.startswith("@@"):
                start, _, count = line.split("+")[1].split()[0].partition(",")
                found.update(range(int(start), int(start) + int(count or 1)))
        return found

    def _check_out(self, commit: str) -> None:
        self.git.checkout("--quiet", "--force", "--detach", commit)
        self.git.clean("-ffdq")

    def base(self, commit: str) -> _Base:
        """Run and record a commit as it is, unless that was done last; the cost is not counted."""
        self._check_out(commit)
        done = self.home / "base.json"
        known = json.loads(done.read_text()) if done.exists() else {}
        if known.get("commit") != commit:
            done.unlink(missing_ok=True)
            known = {"commit": commit, **self._run_base()}
            done.write_text(json.dumps(known))
        paths = self.git.ls_files("-z", "*.py").split("\0")
        return _Base(
            commit,
            known["outcomes"],
            runs(self.home / "contexts.sqlite", self.work.clone),
            {path: (self.work.clone / path).read_bytes() for path in paths if path},
            Cost(**known["cost"]),
            known["limit_s"],
            self.home / "evidence",
        )

    def _run_base(self) -> Row:
        cost = self._full((), 900).judged.cost
        data = self.home / "contexts.sqlite"
        data.unlink(missing_ok=True)
        env = {"COVERAGE_FILE": str(data), "REPLAY_CONTEXTS": "1", "COVERAGE_CORE": "ctrace"}
        words = ["-m", "coverage", "run", "-m", "pytest", "-q", "-p", "replay_outcomes"]
        done, outcomes = self._outcomes(self.work, words, env, 900)
        if not data.exists():
            parts = [str(self.work.python), "-m", "coverage", "combine", "-q"]
            measured(parts, self.work.clone, {**self.work.env, **env})
        record_parent(self.work)
        evidence = self.home / "evidence"
        shutil.rmtree(evidence, ignore_errors=True)
        evidence.mkdir()
        for file in (self.work.clone / ".git" / "covgate").glob("*.sqlite*"):
            shutil.copy2(file, evidence)
        if self.testmon is not None:
            (self.home / "testmondata").unlink(missing_ok=True)
            self._outcomes(self.testmon, _TESTMON, self._testmon_env("testmondata"), 900)
        limit_s = max(60.0, 8 * done.cost.wall_s)
        return {"outcomes": outcomes, "cost": cost._asdict(), "limit_s": limit_s}

    def _testmon_env(self, name: str) -> dict[str, str]:
        return {"TESTMON_DATAFILE": str(self.home / name)}

    def _outcomes(
        self, work: Workspace, words: Sequence[str], env: Mapping[str, str], limit_s: float
    ) -> tuple[Done, dict[str, str]]:
        file = self.home / "outcomes.jsonl"
        file.unlink(missing_ok=True)
        path = os.pathsep.join(filter(None, [str(HERE), work.env.get("PYTHONPATH")]))
        extra = {**work.env, **env, "REPLAY_OUTCOMES": str(file), "PYTHONPATH": path}
        done = measured([str(work.python), *words], work.clone, extra, limit_s)
        return done, _read_outcomes(file)

    def judge(self, base: _Base, mutation: Mutation, *, wholly: bool, peer: bool) -> Row:
        """Stage a mutation, let all judge it, and take it back."""
        self._check_out(base.commit)
        file = self.work.clone / mutation.path
        file.write_bytes(mutation.apply(file.read_bytes()))
        self.git.add("--", mutation.path)
        try:
            row = self._wholly(base, mutation) if wholly else self._chosen(base, mutation)
            if peer and self.testmon is not None and "ran" in row:
                row["testmon"] = self._peer(base, set(row["failing"]))
            return row
        except subprocess.TimeoutExpired:
            return {"note": "a run came to no end: not counted"}
        finally:
            self.git.reset("--quiet", "--hard", base.commit)

    def _chosen(self, base: _Base, mutation: Mutation) -> Row:
        """Compare the whole suite with what covgate would run."""
        words = ["-m", "pytest", "-q", "-p", "replay_outcomes"]
        _, outcomes = self._outcomes(self.work, words, {}, base.limit_s)
        failing = _failing(outcomes)
        self._restore(base)
        choice = choose(self.work.clone, self.work.python, self.work.env)
        missed = {test for test in failing if not choice.runs(test)}
        row = self._begun(base, mutation, failing)
        if any("::" not in one and choice.runs(one) for one in failing):
            # Of all files that break by one import, it suffices to name some.
            row["unnamed"] = sorted(one for one in missed if "::" not in one)
            missed = {one for one in missed if "::" in one}
        row.update(self._unlike(missed, set(), base, outcomes))
        ran = sum(choice.runs(test) for test in base.outcomes)
        reasons = _reasons(choice.selection.tests)
        return {**row, "ran": ran, "selecting_s": choice.cpu_s, "reasons": reasons}

    def _wholly(self, base: _Base, mutation: Mutation) -> Row:
        """Let covgate and the full way judge."""
        only = () if self._has_settings() else (mutation.path,)
        whole = self._full(only, base.limit_s)
        failing = _failing(whole.outcomes)
        row = self._begun(base, mutation, failing)
        self._restore(base)
        judged, answer = covgate_answer(self.work, base.limit_s)
        if judged.failed is None or answer is None:
            # Right when the full run cannot begin either, as when a conftest fails.
            row["undecided"] = "right" if whole.judged.code not in (0, 1) else "wrong"
            return {**row, "note": f"covgate is undecided: {judged.note[:300]}"}
        uncollected = _uncollected(answer)
        reported = {*judged.failed, *uncollected}
        # Where a file can't be collected, the full run ends before its first test.
        broken = any("::" not in one for one in failing)
        missed, false = failing - reported, set() if broken else reported - failing
        if uncollected:
            # Of all files that break by one import, it suffices to name some.
            row["unnamed"] = sorted(one for one in missed if "::" not in one)
            missed = {one for one in missed if "::" in one}
        row.update(self._unlike(missed, false, base, whole.outcomes))
        # What ran only because a failure was confirmed in the order of the suite is not chosen.
        selected = {
            one["id"]: one["why"]
            for one in answer["tests"]["selected"]
            if not one["why"].startswith("it comes before ")
        }
        # Where the file alone was to be measured and never was, coverage makes no report.
        theirs = {} if only and whole.judged.uncovered is None else whole.judged.uncovered
        row.update(
            full=base.cost._asdict(), covgate=judged.cost._asdict(), verdict=answer["verdict"],
            ran=len(selected), timing=answer["timing"], uncovered_full=theirs,
            uncovered=judged.uncovered, beyond=judged.beyond,
            uncovered_equal=theirs == judged.uncovered, reasons=_reasons(selected),
        )  # fmt: skip
        return row

    def _begun(self, base: _Base, mutation: Mutation, failing: set[str]) -> Row:
        broken = {one for one in failing if "::" not in one}
        noticing = smallest(mutation, base.ran, base.sources) | (failing - broken)
        noticing.update(one for one in base.outcomes if one.partition("::")[0] in broken)
        return {
            "suite": len(base.outcomes),
            "failing": sorted(failing),
            "smallest": len(noticing & base.outcomes.keys()),
        }

    def _unlike(
        self, missed: set[str], false: set[str], base: _Base, outcomes: Mapping[str, str]
    ) -> Row:
        """Leave out what ends otherwise when it is run again, on the same tree and alone."""
        flaky: set[str] = set()
        if missed or false:
            words = ["-m", "pytest", "-q", "-p", "replay_outcomes", *sorted(missed | false)]
            _, again = self._outcomes(self.work, words, {}, base.limit_s)
            flaky = {one for one in missed | false if again.get(one) != outcomes.get(one)}
        return {
            "missed": sorted(missed - flaky),
            "false": sorted(false - flaky),
            "flaky": sorted(flaky),
        }

    def _restore(self, base: _Base) -> None:
        """Put the evidence of the commit back: judging a mutant adds to it."""
        folder = self.work.clone / ".git" / "covgate"
        for old in folder.glob("*.sqlite*"):
            old.unlink()
        for kept in base.evidence.iterdir():
            shutil.copy2(kept, folder)

    def _has_settings(self) -> bool:
        """Whether the project has settings for coverage: then nothing else may be asked of it."""
        places = ((".coveragerc", ""), ("setup.cfg", "[coverage:"), ("tox.ini", "[coverage:"),
                  ("pyproject.toml", "[tool.coverage"))  # fmt: skip
        files = ((self.work.clone / name, mark) for name, mark in places)
        return any(file.exists() and mark in file.read_text() for file, mark in files)

    def _full(self, only: Sequence[str], limit_s: float) -> _Full:
        file = self.home / "outcomes.jsonl"
        file.unlink(missing_ok=True)
        path = os.pathsep.join(filter(None, [str(HERE), self.work.env.get("PYTHONPATH")]))
        env = {**self.work.env, "REPLAY_OUTCOMES": str(file), "PYTHONPATH": path}
        judged = full(self.work._replace(env=env), ("-p", "replay_outcomes"), limit_s, only)
        return _Full(_read_outcomes(file), judged)

    def _peer(self, base: _Base, failing: set[str]) -> Row:
        assert self.testmon is not None
        shutil.copy2(self.home / "testmondata", self.home / "testmondata.now")
        env = self._testmon_env("testmondata.now")
        done, outcomes = self._outcomes(self.testmon, _TESTMON, env, base.limit_s)
        return {
            "ran": len(outcomes),
            "missed": sorted(failing - _failing(outcomes)),
            "cost": done.cost._asdict(),
        }


_TESTMON = ["-m", "pytest", "-q", "-p", "replay_outcomes", "--testmon"]


def _read_outcomes(file: Path) -> dict[str, str]:
    """Return how each test ended; an error counts as a failure."""
    found: dict[str, str] = {}
    for line in file.read_text().splitlines() if file.exists() else ():
        test, outcome = json.loads(line)
        found[test] = "failed" if "failed" in (outcome, found.get(test)) else outcome
    return found


def _uncollected(answer: Mapping[str, Any]) -> set[str]:
    """Return the files that covgate names because pytest can't collect them."""
    found = (one for one in answer["findings"] if one["rule"] == "tests-fail" and one["path"])
    return {one["path"] for one in found if "collected" in one["message"]}


def _failing(outcomes: Mapping[str, str]) -> set[str]:
    return {test for test, outcome in outcomes.items() if outcome == "failed"}


def _reasons(selected: Mapping[str, str]) -> dict[str, int]:
    """Count the reasons of the selected tests."""
    counts: dict[str, int] = {}
    for why in selected.values():
        counts[why] = counts.get(why, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1])[:12])


def is_test(path: str) -> bool:
    """Whether a file belongs to the tests."""
    name = path.rpartition("/")[2]
    parts = path.split("/")[:-1]
    return name.startswith(("test_", "conftest")) or bool({"tests", "test", "testing"} & set(parts))


def _is_library(path: str) -> bool:
    return path.partition("/")[0] not in ("docs", "doc", "examples", "benchmarks", "performance",
                                          "misc", "setup.py")  # fmt: skip


def _varied(found: Sequence[Mutation], chance: random.Random) -> list[Mutation]:
    """Return all in a random order in which the kinds take turns."""
    by_kind: dict[str, list[Mutation]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one)
    for some in by_kind.values():
        chance.shuffle(some)
    order: list[Mutation] = []
    while any(by_kind.values()):
        order.extend(some.pop() for _, some in sorted(by_kind.items()) if some)
    return order


if __name__ == "__main__":
    raise SystemExit(main())
