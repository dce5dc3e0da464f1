"""The contenders: what each one runs on a staged commit, and what it answers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable  # noqa: TC003 - a field of a NamedTuple with a default
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from measuring import Cost, Done, measured

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from workspace import Workspace

Lines = dict[str, list[int]]


class Judged(NamedTuple):
    """One contender's answer; None for what it does not answer.

    `uncovered` are changed lines that no test runs, as diff-cover counts them; `beyond` are lines
    that it reports for a reason that diff-cover does not know (see `covgate`). `store_bytes` is
    what it keeps from one commit to the next.
    """

    cost: Cost
    code: int
    tests: int | None = None
    failed: list[str] | None = None
    uncovered: Lines | None = None
    beyond: Mapping[str, Lines] | None = None
    note: str = ""
    store_bytes: int | None = None


def plain(work: Workspace) -> Judged:
    """Everything under plain pytest: what the suite costs."""
    done = measured([str(work.python), "-m", "pytest", "-q"], work.clone, work.env)
    return Judged(done.cost, done.code, note=last_line(done))


def full(
    work: Workspace,
    arguments: Sequence[str] = (),
    limit_s: float | None = None,
    only: Sequence[str] = (),
) -> Judged:
    """The way without covgate: coverage run, coverage xml, diff-cover.

    `arguments` are added to pytest's. With `only`, just these files are measured: the same answer
    for a change of them, sooner; for projects without coverage settings of their own.
    """
    with tempfile.TemporaryDirectory() as folder:
        env = {**work.env, "COVERAGE_FILE": f"{folder}/coverage"}
        xml, junit = f"{folder}/coverage.xml", f"{folder}/junit.xml"
        python = str(work.python)
        measure = [f"--include={','.join(only)}"] if only else []
        pytest = ["-m", "coverage", "run", *measure, "-m", "pytest", "-q", f"--junitxml={junit}"]
        ran = measured([python, *pytest, *arguments], work.clone, env, limit_s)
        if any(Path(folder).glob("coverage.*")):
            ran = _then(ran, [python, "-m", "coverage", "combine", "-q"], work, env)
        wrote = measured([python, "-m", "coverage", "xml", "-q", "-o", xml], work.clone, env)
        judged, uncovered = diff_cover(work, xml)
        cost = ran.cost + wrote.cost + judged.cost
        if uncovered is None:
            return Judged(cost, ran.code, note=last_line(judged) or last_line(wrote))
        return Judged(
            cost, ran.code, _count(junit), _failures(junit), uncovered, note=last_line(ran)
        )


def diff_cover(work: Workspace, xml: str) -> tuple[Done, Lines | None]:
    """What diff-cover says of coverage's XML report: uncovered changed lines, None for nothing."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "diff.json"
        cover = ["-m", "diff_cover.diff_cover_tool", xml, "--compare-branch=HEAD"]
        done = measured(
            [str(work.python), *cover, "--format", f"json:{report}"], work.clone, work.env
        )
        try:
            files = json.loads(report.read_text())["src_stats"]
        except (OSError, ValueError):
            return done, None
    found = {path: sorted(set(facts["violation_lines"])) for path, facts in files.items()}
    return done, {path: lines for path, lines in found.items() if lines}


def _then(first: Done, command: list[str], work: Workspace, env: Mapping[str, str]) -> Done:
    second = measured(command, work.clone, env)
    return first._replace(cost=first.cost + second.cost)


def forget(work: Workspace) -> None:
    """Remove the evidence of earlier commits: it may hold the answer to this one."""
    for file in (work.clone / ".git" / "covgate").glob("*.sqlite*"):
        file.unlink()


def record_parent(work: Workspace) -> None:
    """Record the parent, so that covgate is warm; the cost is not counted.

    Raises RuntimeError when nothing could be recorded: what follows would not be warm.
    """
    forget(work)
    command = [sys.executable, "-m", "covgate", "record"]
    done = subprocess.run(command, cwd=work.clone, env=work.env, capture_output=True, check=False)
    if done.returncode not in (0, 1):  # 1: tests fail at the parent
        said = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise RuntimeError(f"covgate record: exit status {done.returncode}: {said}")


def covgate(work: Workspace) -> Judged:
    """covgate, with the evidence that is at hand."""
    judged = covgate_answer(work)[0]
    files = (work.clone / ".git" / "covgate").glob("*.sqlite*")
    return judged._replace(store_bytes=sum(file.stat().st_size for file in files))


def covgate_answer(
    work: Workspace, limit_s: float | None = None
) -> tuple[Judged, dict[str, Any] | None]:
    """covgate's judgement, and its whole answer when it has decided."""
    command = [sys.executable, "-m", "covgate", "check", "--format", "json", "--target", "100"]
    rules = ["--only", "tests-fail,diff-coverage,untracked-dependency"]
    done = measured([*command, *rules], work.clone, work.env, limit_s)
    try:
        answer = json.loads(done.out)
    except ValueError:
        return Judged(done.cost, done.code, note=done.err[-500:]), None
    if answer["verdict"] == "undecided":
        return Judged(done.cost, done.code, note=answer["findings"][0]["message"]), None
    files = (answer["diff_coverage"] or {"files": {}})["files"]
    beyond = _beyond(answer, files, work.changed_lines())
    other = {(path, n) for lines in beyond.values() for path, some in lines.items() for n in some}
    uncovered = {
        path: kept
        for path, lines in files.items()
        if (kept := [n for n in lines["uncovered"] if (path, n) not in other])
    }
    count, failed = len(answer["tests"]["selected"]), answer["tests"]["failed"]
    return Judged(done.cost, done.code, count, failed, uncovered, beyond), answer


def _beyond(
    answer: Mapping[str, object], files: Mapping[str, Lines], changed: Container[tuple[str, int]]
) -> Mapping[str, Lines]:
    """Lines reported for what diff-cover does not count.

    Branches, files that nobody imports, and statements that begin on a line that did not change.
    """
    kinds: dict[str, Lines] = {}
    for path, lines in files.items():
        for line in lines["uncovered"]:
            if (path, line) not in changed:
                kinds.setdefault("begins above", {}).setdefault(path, []).append(line)
    findings = answer["findings"]
    assert isinstance(findings, list)
    for finding in findings:
        kind = next((k for k in ("exits", "unmeasured") if k in finding["message"]), None)
        if finding["rule"] == "diff-coverage" and kind:
            span = range(finding["line"], finding["end_line"] + 1)
            kinds.setdefault(kind, {}).setdefault(finding["path"], []).extend(span)
    return kinds


def last_line(done: Done) -> str:
    """Return the last line of what a command said."""
    lines = (done.out.strip() or done.err.strip()).split("\n")
    return lines[-1][:200]


def _count(junit: str) -> int | None:
    return len(_cases(junit)) or None


def _failures(junit: str) -> list[str]:
    return sorted(name for name, bad in _cases(junit) if bad)


def _cases(junit: str) -> list[tuple[str, bool]]:
    import xml.etree.ElementTree as ET

    try:
        root = ET.parse(junit).getroot()
    except (OSError, ET.ParseError):
        return []
    return [
        (f"{case.get('classname')}.{case.get('name')}", bool({"failure", "error"} & _kinds(case)))
        for case in root.iter("testcase")
    ]


def _kinds(case: Iterable[Element]) -> set[str]:
    return {child.tag for child in case}


class Contender(NamedTuple):
    """What to do at the parent, uncounted, and how the staged commit is judged."""

    judge: Callable[[Workspace], Judged]
    at_parent: Callable[[Workspace], None] = lambda work: None


CONTENDERS: Mapping[str, Contender] = {
    "plain": Contender(plain),
    "full": Contender(full),
    "covgate-cold": Contender(covgate, forget),
    "covgate-warm": Contender(covgate, record_parent),
}
