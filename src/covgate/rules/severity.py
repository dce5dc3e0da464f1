"""From the level that the settings give a rule to the severity of its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from covgate.config.meta import Level
    from covgate.rules.finding import Severity


def severity_of(level: Level, *, blocks: bool = True) -> Severity:
    """Return "error" only where the rule blocks and this case is one to block for."""
    return "error" if level == "error" and blocks else "warning"
