"""`coverage-component`: parts of the project with a target of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.coverage.components import members
from covgate.coverage.project import cut, total
from covgate.coverage.standing import exactly, fell, lacking, rose
from covgate.coverage.waivers import ended, until
from covgate.rules.coverage_target import HELP, needs
from covgate.rules.finding import Finding
from covgate.rules.severity import severity_of

if TYPE_CHECKING:
    from covgate.config.plan import Component
    from covgate.coverage.standing import Standing

RULE = "coverage-component"


def find(standing: Standing) -> list[Finding]:
    """Return a finding for each component below its target; phases put the targets off."""
    settings = standing.settings
    files = members(settings.component, standing.project.files)
    findings = []
    for component in settings.component:
        paths = files[component.name]
        if component.target is None or not paths:
            continue
        counts = total(standing.project.files[path] for path in paths)
        if counts.ratio < exactly(component.target):
            findings.append(_below(standing, component, component.target, paths))
    return findings


def _below(
    standing: Standing, component: Component, target: float, paths: tuple[str, ...]
) -> Finding:
    counts = total(standing.project.files[path] for path in paths)
    level = standing.settings.coverage_component.level
    said = f'{cut(counts.ratio)}% of the component "{component.name}" is covered, target '
    said += f"{target:g}%: {needs(lacking(counts, target))}"
    waiver = standing.waivers.live(RULE, paths)
    if waiver is not None and counts.ratio >= exactly(float(waiver.value or 0)):
        return Finding(RULE, f"{said}; waived {until(waiver)}", severity="note")
    said += ended(standing.waivers.expired(RULE, paths))
    if not standing.is_main:
        before = standing.before_all(_before_too(standing, component, paths))
        if before is not None and fell(counts, before):
            said += f"; it was at {cut(before.ratio)}% before"
            return Finding(RULE, said, help=HELP, severity=severity_of(level))
        touched = any(standing.is_touched(path) for path in paths)
        if not touched or (before is not None and rose(counts, before)):
            return Finding(RULE, said, severity="note")
    phases = standing.settings.phase
    if phases and standing.day < max(phase.date for phase in phases):
        return Finding(RULE, f"{said}; due with the last phase", severity="note")
    return Finding(RULE, said, help=HELP, severity=severity_of(level))


def _before_too(
    standing: Standing, component: Component, paths: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the files of a component in both trees: what was deleted counted before."""
    base = standing.base.files if standing.base else {}
    moved = {file.old_path for file in standing.change.files if file.status == "renamed"}
    gone = [path for path in base if path not in standing.project.files and path not in moved]
    return (*paths, *members(standing.settings.component, gone)[component.name])
