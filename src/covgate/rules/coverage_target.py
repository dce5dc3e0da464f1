"""`coverage-target`: the coverage of the whole project, or coverage's own `fail_under`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.coverage.project import cut, is_below_fail_under
from covgate.coverage.standing import exactly, fell, lacking
from covgate.coverage.waivers import ended, until
from covgate.rules.finding import Finding
from covgate.rules.severity import severity_of

if TYPE_CHECKING:
    from covgate.coverage.standing import Standing

RULE = "coverage-target"
HELP = "`covgate plan` lists what to test first"


def find(standing: Standing) -> list[Finding]:
    """Return a finding when the project is below its target, unless phases lead there later."""
    settings, counts = standing.settings, standing.project.counts
    rule, own = settings.coverage_target, standing.fail_under
    target = rule.target if rule.target is not None else own.percent
    if not is_due(standing, target):
        return []
    if rule.target is not None or own.percent <= 0:
        is_below = counts.ratio < exactly(target)
    else:
        is_below = is_below_fail_under(counts.ratio, own.percent, own.precision)
    if not is_below:
        return []
    name = "target" if rule.target is not None else "fail_under of the coverage settings"
    said = f"{said_total(standing)}, {name} {target:g}%: {needs(lacking(counts, target))}"
    waiver = standing.waivers.live(RULE)
    if waiver is not None and counts.ratio >= exactly(float(waiver.value or 0)):
        message = f"{said}; waived down to {waiver.value:g}% {until(waiver)}"
        return [Finding(RULE, message, severity="note")]
    over = standing.waivers.expired(RULE)
    # What nobody did at this commit (a date passed) blocks nobody's commit.
    is_bystander = (over is not None or bool(settings.phase)) and not lost(standing)
    blocks = standing.is_main or not is_bystander
    if waiver is not None:
        said += f"; the waiver allows {waiver.value:g}%"
    severity = severity_of(rule.level, blocks=blocks)
    return [Finding(RULE, said + ended(over), help=HELP, severity=severity)]


def is_due(standing: Standing, target: float) -> bool:
    """Whether the target holds by itself: phases lead to it until the last of them is reached."""
    phases = standing.settings.phase
    if not phases:
        return True
    last = max(phases, key=lambda phase: phase.date)
    return standing.day >= last.date and target > last.target


def lost(standing: Standing) -> bool:
    """Whether the change lost coverage of the project; so without knowing its base."""
    base = standing.base
    return base is None or fell(standing.project.counts, base.counts)


def said_total(standing: Standing) -> str:
    """Return how much of the project is covered, in words."""
    return f"{cut(standing.project.counts.ratio)}% of the project is covered"


def needs(number: int) -> str:
    """Return how much more has to be covered, in words."""
    return f"{number:,} more {'line or branch' if number == 1 else 'lines or branches'} to cover"
