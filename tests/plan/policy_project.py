"""Projects whose coverage is known by construction, judged on a day by the real command."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from covgate.change.model import Base, Change, FileChange, Mode
from covgate.change.snapshot import MemorySnapshot
from covgate.config.reading import read_settings
from covgate.coverage.project import FileNumbers, ProjectCoverage
from covgate.gate.policing import POLICY_RULES, Policed, police
from covgate.gate.ruling import Ruled
from covgate.gate.testing import Tested
from covgate.run.plan import Measurement, RunResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Answered, Project
    from covgate.rules.finding import Finding

TODAY = "2026-03-10"
COVERAGE = '[tool.coverage.run]\nsource = ["app"]\n'


def module(covered: int, missed: int) -> str:
    """Return a module with so many statements that its test runs, and so many that it does not."""
    if not missed:
        return "def run():\n" + "    x = 1\n" * (covered - 1)
    runs = "    x = 1\n" * (covered - 2)
    return f"def run():\n{runs}\n\ndef never():\n" + "    y = 1\n" * missed


def test_of(name: str) -> str:
    """Return the test that runs a module."""
    dotted = name.removesuffix(".py").replace("/", ".")
    return f"import {dotted} as it\n\n\ndef test_run():\n    assert it.run() is None\n"


test_of.__test__ = False  # type: ignore[attr-defined]  # makes tests, is none


def files_of(modules: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """Return modules of the package `app` with (covered, missed) statements, and their tests."""
    files = {"app/__init__.py": ""}
    for name, (covered, missed) in modules.items():
        files[f"app/{name}.py"] = module(covered, missed)
        files[f"tests/test_{name.replace('/', '_')}.py"] = test_of(f"app/{name}.py")
        if "/" in name:
            files[f"app/{name.partition('/')[0]}/__init__.py"] = ""
    return files


def plan(policy: str, coverage: str = COVERAGE) -> dict[str, str]:
    """Return pyproject.toml with a policy below [tool.covgate]; diff coverage is left alone."""
    quiet = '[tool.covgate.diff-coverage]\nlevel = "off"\n'
    return {"pyproject.toml": f"{coverage}{quiet}{policy}"}


def judge(project: Project, *args: str, day: str = TODAY) -> Answered:
    """Judge what is staged with everything run, on a day."""
    args = args or ("--run-all",)
    return project.covgate("check", "--format=json", *args, COVGATE_TODAY=day)


Modules = dict[str, tuple[int, int]]
_RAN = RunResult(0, (), (), (), None, Measurement(), (), "")


def police_by_hand(
    settings: Mapping[str, str], before: Modules | None, after: Modules, day: str = TODAY
) -> Ruled:
    """Apply the policy to modules of known coverage without running anything.

    `before` is None when the whole project is judged; `after` are the modules that change.
    """
    old = {**settings, **files_of(before or {})}
    new = {**old, **files_of(after)}
    change = change_of(old, new, everything=before is None)
    facts = Policed(
        change,
        read_settings(change.target),
        date.fromisoformat(day),
        coverage_of({**(before or {}), **after}),
        Tested(_RAN, {}, (), {}),
        None,
        lambda: coverage_of(before or {}),
    )
    return police(facts, Ruled((), (), None, None), frozenset(POLICY_RULES))


def coverage_of(modules: Modules) -> ProjectCoverage:
    """Return the coverage that modules with (covered, missed) statements have."""
    return ProjectCoverage(
        {
            f"app/{name}.py": FileNumbers(
                covered + missed, frozenset(range(covered + 1, covered + missed + 1))
            )
            for name, (covered, missed) in modules.items()
        }
    )


def change_of(old: Mapping[str, str], new: Mapping[str, str], *, everything: bool) -> Change:
    """Return the change between texts; all of them are new when `everything` is judged."""
    before = MemorySnapshot({} if everything else old)
    after = MemorySnapshot(new)
    files = []
    for path, entry in after.entries.items():
        known = before.entries.get(path)
        if known is None:
            files.append(FileChange(path, None, "added", None, entry.blob))
        elif known.blob != entry.blob:
            files.append(FileChange(path, path, "modified", known.blob, entry.blob))
    mode: Mode = "all" if everything else "staged"
    return Change(mode, "", (Base("HEAD", "c", "t"),), (before,), after, tuple(files))


def of_severity(findings: tuple[Finding, ...], severity: str) -> list[tuple[str, str | None]]:
    """Return rule and path of each finding of a severity."""
    return [(one.rule, one.path) for one in findings if one.severity == severity]


def found(answer: Answered, severity: str = "error") -> list[tuple[str, str | None]]:
    """Return rule and path of each finding of a severity."""
    return [(f["rule"], f["path"]) for f in answer.data["findings"] if f["severity"] == severity]


def messages(answer: Answered) -> str:
    """Return all messages and notes of an answer."""
    data: dict[str, Any] = answer.data
    return "\n".join([*(finding["message"] for finding in data["findings"]), *data["notes"]])
