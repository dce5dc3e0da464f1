"""The day on which phases and waivers are judged."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from covgate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "COVGATE_TODAY"


def today(env: Mapping[str, str]) -> date:
    """Return the day it is in UTC, or the one that `COVGATE_TODAY` names, to try a plan ahead.

    Raises `UsageError` when that is no date.
    """
    given = env.get(VARIABLE)
    if not given:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise UsageError(
            f"{VARIABLE} is not a date: {given}", "write it as 2026-03-31, or unset it"
        ) from None
