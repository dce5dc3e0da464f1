"""`coverage-phase`: what the project must have from a day on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from covgate.coverage.standing import exactly, lacking
from covgate.coverage.waivers import ended, until
from covgate.rules.coverage_target import HELP, lost, needs, said_total
from covgate.rules.finding import Finding
from covgate.rules.severity import severity_of

if TYPE_CHECKING:
    from covgate.config.plan import Phase
    from covgate.coverage.standing import Standing

RULE = "coverage-phase"
ANNOUNCED = timedelta(days=14)


def find(standing: Standing) -> list[Finding]:
    """Judge by the phases that are reached, and announce the next one 14 days ahead.

    A date that passed fails the check of the whole project, and a commit only when it loses
    coverage itself.
    """
    phases = standing.settings.phase
    counts, day = standing.project.counts, standing.day
    reached = [phase for phase in phases if phase.date <= day]
    due = max(reached, key=lambda phase: phase.target, default=None)
    if due is not None and counts.ratio < exactly(due.target):
        return [_below(standing, due)]
    return [
        Finding(
            RULE,
            f"{said_total(standing)}; from {phase.date} it must be {phase.target:g}%: "
            f"{needs(lacking(counts, phase.target))}",
            help=HELP,
            severity="warning",
        )
        for phase in phases
        if day < phase.date <= day + ANNOUNCED and counts.ratio < exactly(phase.target)
    ]


def _below(standing: Standing, due: Phase) -> Finding:
    counts = standing.project.counts
    missing = needs(lacking(counts, due.target))
    said = f"{said_total(standing)}, due since {due.date} is {due.target:g}%: {missing}"
    waiver = standing.waivers.live(RULE)
    if waiver is not None and counts.ratio >= exactly(float(waiver.value or 0)):
        message = f"{said}; waived down to {waiver.value:g}% {until(waiver)}"
        return Finding(RULE, message, severity="note")
    blocks = standing.is_main or lost(standing)
    severity = severity_of(standing.settings.coverage_phase.level, blocks=blocks)
    said += ended(standing.waivers.expired(RULE))
    return Finding(RULE, said, help=HELP, severity=severity)
