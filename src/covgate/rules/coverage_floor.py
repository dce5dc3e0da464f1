"""`coverage-floor`: no module lies below it, and who touches one that does must raise it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.coverage.components import floor_of
from covgate.coverage.project import cut
from covgate.coverage.standing import exactly, fell, lacking, rose
from covgate.coverage.waivers import ended, until
from covgate.rules.coverage_target import needs
from covgate.rules.finding import Finding
from covgate.rules.severity import severity_of

if TYPE_CHECKING:
    from covgate.coverage.project import FileNumbers
    from covgate.coverage.standing import Standing

RULE = "coverage-floor"
_HELP = "add tests for it; who touches a module below its floor leaves it better than it was"


def find(standing: Standing) -> list[Finding]:
    """Return a finding for each module below its floor: an error only for whom it concerns."""
    findings = []
    for path, file in sorted(standing.project.files.items()):
        floor = floor_of(standing.settings, path)
        if floor is not None and file.counts.ratio < exactly(floor):
            findings.append(_below(standing, path, file, floor))
    return findings


def _below(standing: Standing, path: str, file: FileNumbers, floor: float) -> Finding:
    counts, level = file.counts, standing.settings.coverage_floor.level
    said = f"{cut(counts.ratio)}% of this module is covered, floor {floor:g}%"
    said += f": {needs(lacking(counts, floor))}"
    waiver = standing.waivers.live(RULE, [path])
    if waiver is not None and counts.ratio >= exactly(float(waiver.value or 0)):
        return Finding(RULE, f"{said}; waived {until(waiver)}", path, severity="note")
    said += ended(standing.waivers.expired(RULE, [path]))
    line = min(file.missing, default=None)
    if standing.is_main:
        return Finding(RULE, said, path, line, help=_HELP, severity=severity_of(level))
    before = standing.before(path)
    if before is not None and before.counts.ratio >= exactly(floor):
        message = f"{said}; this change took it below ({cut(before.counts.ratio)}% before)"
        blocks = fell(counts, before.counts) or standing.is_touched(path)
        severity = severity_of(level, blocks=blocks)
        return Finding(RULE, message, path, line, help=_HELP, severity=severity)
    if before is not None and fell(counts, before.counts):
        message = f"{said}; it was at {cut(before.counts.ratio)}% before"
        return Finding(RULE, message, path, line, help=_HELP, severity=severity_of(level))
    if not standing.is_touched(path):
        return Finding(RULE, f"{said}; this change does not touch it", path, severity="note")
    if before is not None and _is_better(file, before):
        message = f"{said}; raised from {cut(before.counts.ratio)}%"
        return Finding(RULE, message, path, severity="note")
    return Finding(RULE, said, path, line, help=_HELP, severity=severity_of(level))


def _is_better(now: FileNumbers, before: FileNumbers) -> bool:
    """Whether a module was raised; that covered code was deleted is no fault either."""
    shrank = now.counts.all < before.counts.all and now.counts.missed <= before.counts.missed
    return now.counts.ratio > before.counts.ratio or shrank or rose(now.counts, before.counts)
