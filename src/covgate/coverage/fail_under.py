"""The project's own `fail_under`, as coverage reads it from the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.errors import UsageError
from covgate.policy.coverage_config import resolve_coverage
from covgate.policy.tree import Tree

if TYPE_CHECKING:
    from covgate.change.snapshot import Snapshot

_FULL = 100


class FailUnder(NamedTuple):
    """The least total in percent (0: none), the digits it is rounded to, and where it stands.

    `has_source` tells whether coverage is told what to measure: without `source`, files that no
    test imports do not count.
    """

    percent: float
    precision: int
    place: str
    has_source: bool


def read_fail_under(snapshot: Snapshot) -> FailUnder:
    """Return the setting; raises `UsageError` when the configuration can't be read."""
    config = resolve_coverage(Tree(snapshot, strict=True))
    option = config.options.get("report:fail_under")
    if option and not option.text.strip().startswith("$") and not _is_percent(option.number):
        raise UsageError(
            f"{option.path}:{option.line}: fail_under is no percentage: {option.text}",
            "coverage takes a number from 0 to 100",
        )
    precision = config.options.get("report:precision")
    return FailUnder(
        percent=config.fail_under,
        precision=int((precision.number if precision else None) or 0),
        place=f"{option.path}:{option.line}: fail_under" if option else config.path or "",
        has_source=any(
            config.texts(name) for name in ("run:source", "run:source_pkgs", "run:source_dirs")
        )
        or config.uses_covdefaults,
    )


def _is_percent(number: float | None) -> bool:
    return number is not None and 0 <= number <= _FULL
