"""Compare the gate's answer on a tree with that of the way without covgate, fact by fact."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from covgate.coverage.changed import ChangedStatements
from covgate.errors import UndecidedError
from covgate.gate.parity_traces import blame_line, blame_test
from covgate.gate.plain import Plain, PlainWay
from covgate.gate.testing import test_change, whole_suite
from covgate.report.parity import Difference, Parity, Side, spans
from covgate.rules import diff_coverage
from covgate.rules.tests_fail import FAILED
from covgate.run.worktree import read_working_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.change.model import Change
    from covgate.config.model import DiffCoverage
    from covgate.coverage.project import FileNumbers
    from covgate.gate.question import Judgement

RULES = frozenset({"tests-fail", "diff-coverage"})
_AGAIN = 2
Lines = dict[str, frozenset[int]]


def compare(judgement: Judgement) -> Parity:
    """Run the plain way on the tree that was judged, and compare.

    Raises `UndecidedError` when that tree is not what is checked out, or a command fails.
    """
    check_place(judgement)
    tested = judgement.tested
    python = tested.environment["python"] if tested else _interpreter(judgement)
    way = PlainWay(judgement.around, judgement.settings, python)
    plain = way.run(judgement.change)
    steady = _Steady(judgement, way, plain)
    ours, theirs, stricter = steady.sides()
    differences = tuple(steady.differences(ours, theirs))
    answer = judgement.answer
    base = ", ".join(base.tree for base in judgement.change.bases)
    return Parity(
        tree=answer.tree,
        base=base,
        gate=ours,
        plain=theirs,
        differences=differences,
        digest="" if differences else digest_of(answer.tree, base, ours),
        flaky=tuple(sorted(steady.flaky)),
        unsteady=tuple(sorted(steady.unsteady)),
        stricter=stricter,
        notes=tuple(steady.notes),
        tests=plain.tests,
        ran=len(answer.tests.selected),
        reused=answer.tests.reused,
        percent=plain.percent,
        commands=plain.commands,
    )


def digest_of(tree: str, base: str, side: Side) -> str:
    """Return the hash of a verdict in a form that does not depend on the machine."""
    files = side.files
    canonical = {
        "tree": tree,
        "base": base,
        "verdict": side.verdict,
        "failed": sorted(side.failed),
        "uncovered": {path: sorted(lines) for path, lines in sorted(side.uncovered.items())},
        "project": None
        if files is None
        else {
            path: [file.excluded, sorted(file.missing), *file.counts]
            for path, file in sorted(files.items())
        },
    }
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check_place(judgement: Judgement) -> None:
    """Raise `UndecidedError` when ordinary commands would not see the tree that was judged."""
    repo = judgement.around.repo
    working = read_working_tree(repo)
    why = working.why_isolated()
    index = repo.git.ask("diff-index", "--cached", "--quiet", "HEAD", "--")
    if index is None:
        why = why or "what is staged differs from HEAD"
    if why:
        raise UndecidedError(
            f"the plain way runs what is checked out, and that is not HEAD: {why}",
            "run it on a clean checkout, as in CI",
        )


def _interpreter(judgement: Judgement) -> str:
    from covgate.run.interpreter import find_interpreter

    repo, settings = judgement.around.repo, judgement.settings
    return find_interpreter(repo.top, repo.main_top, settings.python, judgement.around.env).python


class _Steady:
    """Both ways' facts, without what changes from run to run of the same way."""

    def __init__(self, judgement: Judgement, way: PlainWay, plain: Plain) -> None:
        self._judgement = judgement
        self._way = way
        self._plain = plain
        self._second: Plain | None = None
        self.flaky: dict[str, None] = {}
        self.unsteady: dict[str, None] = {}
        self.notes: list[str] = []

    def sides(self) -> tuple[Side, Side, tuple[str, ...]]:
        """Return the gate's side, the plain one, and what the gate counts beyond it."""
        ours, theirs = self._failures()
        uncovered, stricter = self._gate_lines()
        plain_lines = self._plain_lines(self._plain)
        if uncovered != plain_lines:
            uncovered, plain_lines = self._without_unsteady(uncovered, plain_lines)
        own_files, plain_files = self._projects()
        gate = Side(self._verdict(ours, uncovered), ours, uncovered, own_files)
        plain = Side(self._verdict(theirs, plain_lines), theirs, plain_lines, plain_files)
        return gate, plain, stricter

    # -- failing tests -------------------------------------------------------------------------

    def _failures(self) -> tuple[frozenset[str], frozenset[str]]:
        tested = self._judgement.tested
        result = tested.result if tested else None
        runs = result.tests if result else ()
        ours = {test.id for test in runs if test.outcome in FAILED}
        ours |= {node for node, _ in (result.collect_errors if result else ())}
        theirs = set(self._plain.failed)
        other = ours ^ theirs
        if other:
            unsteady = self._changing(other, ours, theirs)
            self.flaky.update(dict.fromkeys(sorted(unsteady)))
            ours -= unsteady
            theirs -= unsteady
            # A pass that was reused is wrong, whatever the base does.
            selection = self._judgement.selection
            known = {*(selection.held if selection else ()), *(test.id for test in runs)}
            early = self._failed_before(theirs - ours - known)
            for test in sorted(early):
                self.notes.append(
                    f"{test} fails on the base in the same way; the change is not why"
                )
            theirs -= early
        return frozenset(ours), frozenset(theirs)

    def _changing(self, tests: set[str], ours: set[str], theirs: set[str]) -> set[str]:
        """Return the tests whose outcome is another one when they run again."""
        found: set[str] = set()
        for _ in range(_AGAIN):
            left = tests - found
            if left:
                failed = self._way.again(left)
                found |= {test for test in left if (test in failed) != (test in theirs)}
        left = {test for test in tests - found if self._ran(test)}
        if left:
            fails_now = self._gate_again(left, self._judgement.change)
            found |= {test for test in left if (test in fails_now) != (test in ours)}
        return found

    def _ran(self, test: str) -> bool:
        tested = self._judgement.tested
        return tested is not None and any(run.id == test for run in tested.result.tests)

    def _failed_before(self, tests: set[str]) -> set[str]:
        """Return the tests that the gate left out, and that fail on the base as well."""
        change = self._judgement.change
        if not tests or change.bases[0].commit is None:
            return set()
        before = replace(change, target=change.before[0], files=(), since_first=())
        try:
            return tests & self._gate_again(tests, before)
        except UndecidedError:
            return set()

    def _gate_again(self, tests: set[str], change: Change) -> set[str]:
        """Run some tests once more as the gate runs them; returns those that fail."""
        judgement = self._judgement
        scratch = (
            judgement.around.scratch / f"again-{len(list(judgement.around.scratch.iterdir()))}"
        )
        scratch.mkdir()
        settings = judgement.settings
        job = whole_suite(settings)._replace(
            ids=tuple(sorted(tests)),
        )
        around = judgement.around._replace(scratch=scratch)
        result = test_change(around, change, settings, job, True, None).result
        failed = {test.id for test in result.tests if test.outcome in FAILED}
        return failed | {node for node, _ in result.collect_errors}

    # -- lines ---------------------------------------------------------------------------------

    def _gate_lines(self) -> tuple[Lines, tuple[str, ...]]:
        """Return the gate's uncovered changed lines as far as diff-cover speaks of such lines."""
        found: Lines = {}
        stricter: list[str] = []
        changed = {file.path: file.lines for file in self._judgement.change.files}
        for path, file in self._statements().items():
            lines = set(file.uncovered)
            if not file.imported and path not in self._plain.uncovered:
                stricter.append(f"{path}: no test imports it, so coverage does not report it")
                continue
            if not self._plain.with_branches and (partial := lines & file.partial.keys()):
                stricter.append(f"{path}: partial branches in {spans(partial)}")
                lines -= partial
            if inner := lines - changed.get(path, frozenset()):
                stricter.append(f"{path}: statements changed further down, in {spans(inner)}")
                lines -= inner
            if lines:
                found[path] = frozenset(lines)
        return found, tuple(stricter)

    def _plain_lines(self, plain: Plain) -> Lines:
        """Return diff-cover's violations in files that the settings let the gate judge."""
        from covgate.config.globs import matches

        excluded = self._judgement.settings.diff_coverage.exclude
        return {
            path: lines
            for path, lines in plain.uncovered.items()
            if lines and not any(matches(glob, path) for glob in excluded)
        }

    def _without_unsteady(self, ours: Lines, theirs: Lines) -> tuple[Lines, Lines]:
        """Run the plain way a second time, and leave out lines on which it contradicts itself."""
        second = self._again()
        again = self._plain_lines(second)
        nothing: frozenset[int] = frozenset()
        for path in sorted(theirs.keys() | again.keys()):
            changing = theirs.get(path, nothing) ^ again.get(path, nothing)
            if changing:
                self.unsteady[f"{path}: {spans(changing)}"] = None
                for lines in (ours, theirs):
                    if path in lines:
                        lines[path] -= changing
        return ({path: lines for path, lines in side.items() if lines} for side in (ours, theirs))  # type: ignore[return-value]

    def _again(self) -> Plain:
        if self._second is None:
            self._second = self._way.run(self._judgement.change)
        return self._second

    def _statements(self) -> Mapping[str, ChangedStatements]:
        lines = self._judgement.lines
        return lines.files if lines else {}

    # -- the project ---------------------------------------------------------------------------

    def _projects(
        self,
    ) -> tuple[Mapping[str, FileNumbers] | None, Mapping[str, FileNumbers] | None]:
        project, plain = self._judgement.project, self._plain.files
        if project is None or not project.exact:
            why = (
                project.why if project and project.why else "only some tests ran, without evidence"
            )
            self.notes.append(f"project coverage not compared: the gate gives none ({why})")
            return None, None
        if plain is None:
            self.notes.append("project coverage not compared: coverage reports none")
            return None, None
        ours = dict(project.files)
        if ours == plain:
            return ours, plain
        again = self._again().files or {}
        steady = {path: file for path, file in plain.items() if again.get(path) == file}
        for path in sorted(plain.keys() - steady.keys()):
            self.unsteady[f"{path}: its numbers change from run to run"] = None
            ours.pop(path, None)
        return ours, steady

    # -- the verdict ---------------------------------------------------------------------------

    def _verdict(self, failed: Iterable[str], uncovered: Lines) -> str:
        settings = self._judgement.settings
        if set(failed) and settings.tests_fail.level == "error":
            return "block"
        files = {
            path: _with(file, uncovered.get(path, frozenset()), self._is_comparable(path, file))
            for path, file in self._statements().items()
        }
        files.update(
            (path, ChangedStatements((), tuple(sorted(lines))))
            for path, lines in uncovered.items()
            if path not in files
        )
        return "block" if _is_below(files, settings.diff_coverage) else "pass"

    def _is_comparable(self, path: str, file: ChangedStatements) -> frozenset[int]:
        """Return the lines of a file on which both ways have a say."""
        if not file.imported and path not in self._plain.uncovered:
            return frozenset()
        changed = next((f.lines for f in self._judgement.change.files if f.path == path), ())
        lines = {*file.covered, *file.uncovered} & set(changed)
        return frozenset(lines if self._plain.with_branches else lines - file.partial.keys())

    # -- differences ---------------------------------------------------------------------------

    def differences(self, ours: Side, theirs: Side) -> Iterable[Difference]:
        """Yield each fact that differs, with the trace that misled the gate where there is one."""
        judgement = self._judgement
        for test in sorted(theirs.failed - ours.failed):
            said, trace = blame_test(judgement, test)
            yield Difference("test", test.partition("::")[0], (), f"{test} fails; {said}", trace)
        for test in sorted(ours.failed - theirs.failed):
            message = f"{test} fails in the gate and passes in the plain way"
            yield Difference("test", test.partition("::")[0], (), message)
        yield from self._line_differences(ours, theirs)
        yield from _file_differences(ours.files, theirs.files)
        if ours.verdict != theirs.verdict:
            message = f"the gate says {ours.verdict}, the plain way {theirs.verdict}"
            yield Difference("verdict", "", (), message)

    def _line_differences(self, ours: Side, theirs: Side) -> Iterable[Difference]:
        nothing: frozenset[int] = frozenset()
        for path in sorted(ours.uncovered.keys() | theirs.uncovered.keys()):
            mine, plain = ours.uncovered.get(path, nothing), theirs.uncovered.get(path, nothing)
            if missed := sorted(plain - mine):
                message = f"{spans(missed)} not covered, says diff-cover; the gate does not say so"
                traces = blame_line(self._judgement, path, missed)
                yield Difference("line", path, tuple(missed), message, traces)
            if more := sorted(mine - plain):
                message = f"{spans(more)} not covered, says the gate; diff-cover does not say so"
                yield Difference("line", path, tuple(more), message)


def _file_differences(
    ours: Mapping[str, FileNumbers] | None, theirs: Mapping[str, FileNumbers] | None
) -> Iterable[Difference]:
    for path in sorted((ours or {}).keys() | (theirs or {}).keys()):
        mine, plain = (ours or {}).get(path), (theirs or {}).get(path)
        if mine is None or plain is None:
            side = "the gate" if plain is None else "the plain way"
            yield Difference("project", path, (), f"only {side} has coverage of it")
            continue
        lines = tuple(sorted(mine.missing ^ plain.missing))
        if not lines and (mine.excluded, mine.counts) == (plain.excluded, plain.counts):
            continue
        where = f", lines {spans(lines)}" if lines else ""
        yield Difference(
            "project",
            path,
            lines,
            f"{mine.counts.percent:.2f}% in the gate, {plain.counts.percent:.2f}% in the plain "
            f"way{where}",
        )


def _with(
    file: ChangedStatements, uncovered: frozenset[int], comparable: frozenset[int]
) -> ChangedStatements:
    """Return the statements of a file with one way's say on the lines that can be compared."""
    every = {*file.covered, *file.uncovered}
    missing = (set(file.uncovered) - comparable) | (uncovered & comparable)
    return ChangedStatements(tuple(sorted(every - missing)), tuple(sorted(missing)))


def _is_below(files: Mapping[str, ChangedStatements], settings: DiffCoverage) -> bool:
    if settings.level != "error":
        return False
    outcome = diff_coverage.find(files, settings, "error")
    return any(finding.severity == "error" for finding in outcome.findings)
