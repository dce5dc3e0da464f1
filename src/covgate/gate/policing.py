"""Apply the coverage policy: the rules about the project rather than the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.coverage.history import History
    from covgate.coverage.project import ProjectCoverage
    from covgate.coverage.standing import Standing
    from covgate.coverage.waivers import Waivers
    from covgate.gate.ruling import Ruled
    from covgate.gate.testing import Tested
    from covgate.rules.finding import Finding

# Rules that judge the numbers of the whole project, and so only exact ones.
OF_PROJECT = (
    "coverage-target", "coverage-floor", "coverage-component", "coverage-phase", "coverage-ratchet",
)  # fmt: skip
OF_RUNS = (*OF_PROJECT, "suite-budget", "error-paths")
_SHOWN = 5
POLICY_RULES = (*OF_RUNS, "tests-with-code", "waiver-expired")


class Policed(NamedTuple):
    """What the policy is judged by; `project` and `tested` are None as far as nothing ran.

    `history` has the coverage of earlier trees; `find_base` obtains that of the base, `ran_by_test`
    the lines of a file that each test ran in it.
    """

    change: Change
    settings: Settings
    day: date
    project: ProjectCoverage | None
    tested: Tested | None
    history: History | None
    find_base: Callable[[], ProjectCoverage | None]
    ran_by_test: Callable[[str], Mapping[str, frozenset[int]]] = lambda _path: {}


def police(facts: Policed, ruled: Ruled, rules: frozenset[str]) -> Ruled:
    """Return what the rules found, with the policy's findings, and waivers applied."""
    from covgate.coverage.waivers import Waivers
    from covgate.rules import tests_with_code, waiver_expired

    waivers = Waivers(facts.settings.waiver, facts.day)
    findings: list[Finding] = [*ruled.findings]
    notes: list[str] = [*ruled.notes]
    if "tests-with-code" in rules:
        findings += tests_with_code.find(facts.change, facts.settings.tests_with_code)
    failed = any(f.rule == "tests-fail" and f.severity == "error" for f in findings)
    if _project_has_a_target(facts, rules):
        findings = [finding for finding in findings if finding.rule != "diff-coverage"]
        notes.append("the project is judged by its own target, not line by line as a change")
    if facts.tested is not None and not failed:
        findings += _of_project(facts, rules, notes)
        findings += _of_runs(facts, rules, waivers)
    if waivers.all:
        findings = waiver_expired.waived(findings, waivers)
        notes += waiver_expired.in_use(waivers)
        if "waiver-expired" in rules:
            findings += waiver_expired.find(facts.change, waivers)
    ordered = sorted(set(findings), key=lambda f: (f.path or "", f.line or 0, f.rule, f.message))
    return ruled._replace(findings=tuple(ordered), notes=tuple(dict.fromkeys(notes)))


def _project_has_a_target(facts: Policed, rules: frozenset[str]) -> bool:
    """Whether everything is in scope and has a target as a whole.

    To the check of the main branch every line counts as changed; a project on its way to a target
    would never meet the one for changes.
    """
    if facts.change.mode != "all" or facts.project is None or not facts.project.exact:
        return False
    from covgate.coverage.fail_under import read_fail_under

    asked = rules & wanted(facts.settings, read_fail_under(facts.change.target).percent)
    return bool(asked & {"coverage-target", "coverage-phase"})


def wanted(settings: Settings, fail_under: float) -> frozenset[str]:
    """Return the rules about the project that have something to judge by."""
    levels = _levels(settings)
    has: Mapping[str, bool] = {
        "coverage-target": settings.coverage_target.target is not None or fail_under > 0,
        "coverage-floor": settings.coverage_floor.floor is not None
        or any(component.floor is not None for component in settings.component),
        "coverage-component": any(c.target is not None for c in settings.component),
        "coverage-phase": bool(settings.phase),
        "coverage-ratchet": True,
    }
    return frozenset(rule for rule in OF_PROJECT if has[rule] and levels[rule] != "off")


def _levels(settings: Settings) -> Mapping[str, str]:
    return {
        "coverage-target": settings.coverage_target.level,
        "coverage-floor": settings.coverage_floor.level,
        "coverage-component": settings.coverage_component.level,
        "coverage-phase": settings.coverage_phase.level,
        "coverage-ratchet": settings.coverage_ratchet.level,
    }


def _of_project(facts: Policed, rules: frozenset[str], notes: list[str]) -> Iterator[Finding]:
    from covgate.coverage.fail_under import read_fail_under
    from covgate.coverage.standing import Standing

    own = read_fail_under(facts.change.target)
    asked = rules & wanted(facts.settings, own.percent)
    if not asked:
        return
    if facts.project is None or not facts.project.exact:
        none = "not exact yet: no test has evidence; `covgate record` collects it"
        why = facts.project.why if facts.project else none
        notes.append(f"{', '.join(sorted(asked))} not judged: project coverage is {why}")
        return
    if not own.has_source and asked - {"coverage-ratchet"}:
        notes.append(
            "coverage has no `source`: files that no test imports do not count in the project's "
            "coverage; name your packages in [tool.coverage.run]"
        )
    lost = _not_packages(facts)
    if lost:
        notes.append(
            "coverage does not count files that no test imports in folders without __init__.py: "
            f"{', '.join(lost[:_SHOWN])}"
            + (f" and {len(lost) - _SHOWN} more" if lost[_SHOWN:] else "")
        )
    standing = Standing(
        facts.project, facts.change, facts.settings, facts.day, own, facts.find_base,
        facts.ran_by_test,
    )  # fmt: skip
    for rule in sorted(asked):
        yield from _find(rule, standing)
    if standing.was_asked and standing.base is None and not standing.is_main:
        notes.append("the coverage of the base is not known: nothing can be compared with it")


def _not_packages(facts: Policed) -> list[str]:
    """Return modules beside counted ones that coverage's search for files passes over."""
    from covgate.change.diff import is_python
    from covgate.coverage.changed import is_tooling

    assert facts.project is not None
    counted, entries = facts.project.files, facts.change.target.entries
    tops = {path.partition("/")[0] for path in counted if "/" in path}
    return sorted(
        path
        for path in entries
        if path not in counted
        and path.partition("/")[0] in tops
        and is_python(path)
        and not is_tooling(path)
        and f"{path.rpartition('/')[0]}/__init__.py" not in entries
    )


def _find(rule: str, standing: Standing) -> list[Finding]:
    from importlib import import_module

    found: list[Finding] = import_module(f"covgate.rules.{rule.replace('-', '_')}").find(standing)
    return found


def _of_runs(facts: Policed, rules: frozenset[str], waivers: Waivers) -> Iterator[Finding]:
    from covgate.rules import error_paths, suite_budget

    assert facts.tested is not None
    result, settings = facts.tested.result, facts.settings
    if "error-paths" in rules and settings.error_paths.level != "off":
        yield from error_paths.find(
            facts.change, result.measurement.files, settings.error_paths, waivers
        )
    budget = settings.suite_budget
    limited = budget.max_total is not None or budget.max_test is not None
    if "suite-budget" in rules and limited and budget.level != "off":
        is_whole = facts.project is not None and facts.project.exact
        known = facts.history.last_durations() if facts.history and not is_whole else {}
        ran = {test.id: test.seconds for test in result.tests}
        if is_whole and facts.project:
            yield from suite_budget.find(facts.project.seconds, budget, waivers, is_own=True)
        elif known:
            yield from suite_budget.find({**known, **ran}, budget, waivers, is_own=False)
