"""`waiver-expired`: exceptions end, and are announced before they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.config.globs import matches
from covgate.config.reading import place_of
from covgate.coverage.waivers import Waivers, until
from covgate.rules.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from covgate.change.model import Change
    from covgate.config.plan import Waiver
    from covgate.rules.finding import Severity

RULE = "waiver-expired"
# Their findings are about a change, and so do not come back by themselves when a waiver ends.
_OF_CHANGES = {
    "config-weakened", "coverage-ratchet", "diff-coverage", "error-paths", "hollow-test",
    "skip-without-reason", "tests-with-code",
}  # fmt: skip
_HELP = "do what it was waiting for and remove it, or agree on a new date"


def find(change: Change, waivers: Waivers) -> list[Finding]:
    """Return a finding for each waiver that has ended or is about to.

    One that has ended blocks the check of the whole project, and those who touch what it was
    about; where the rule finds the same again by itself, that finding blocks.
    """
    findings = []
    for number, waiver in enumerate(waivers.all):
        if waivers.is_live(waiver) and not waivers.is_ending(waiver):
            continue
        path, line = _place(change, number)
        if waivers.is_ending(waiver):
            message = f"the waiver of {waiver.rule} ends soon, it holds {until(waiver)}"
            severity: Severity = "warning"
        else:
            message = f"the waiver of {waiver.rule} has ended, it held {until(waiver)}"
            concerned = change.mode == "all" or _touches(change, waiver.paths)
            severity = "error" if waiver.rule in _OF_CHANGES and concerned else "warning"
        findings.append(Finding(RULE, message, path, line, help=_HELP, severity=severity))
    return findings


def _touches(change: Change, globs: Iterable[str]) -> bool:
    return any(matches(glob, file.path) for glob in globs for file in change.files)


def _place(change: Change, number: int) -> tuple[str | None, int | None]:
    path, line, *_ = (*place_of(change.target, ("waiver", number)).split(":"), "", "")
    return path or None, int(line) if line.isdigit() else None


def in_use(waivers: Waivers) -> Iterator[str]:
    """Yield a note for each waiver that holds: every report lists them."""
    for waiver in waivers.all:
        if waivers.is_live(waiver):
            yield f"waiver of {waiver.rule}{_scope(waiver)} {until(waiver)}"


def _scope(waiver: Waiver) -> str:
    value = waiver.value
    limit = "" if value is None else f" at {value:g}" if isinstance(value, float) else f" ({value})"
    return (f" for {', '.join(waiver.paths)}" if waiver.paths else "") + limit


def waived(findings: Iterable[Finding], waivers: Waivers) -> list[Finding]:
    """Return the findings, as notes where a waiver of their rule and path holds."""
    return [_waived(finding, waivers) for finding in findings]


def _waived(finding: Finding, waivers: Waivers) -> Finding:
    if finding.rule not in _OF_CHANGES - {"config-weakened", "error-paths"}:
        return finding  # these have limits of their own, or keys
    waiver = waivers.live(finding.rule, [finding.path] if finding.path else [])
    if waiver is None or finding.severity == "note":
        return finding
    return finding._replace(severity="note", message=f"{finding.message} (waived {until(waiver)})")
