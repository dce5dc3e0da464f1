"""The project's own `fail_under`, as coverage reads it from the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.policy.coverage_config import resolve_coverage
from covgate.policy.tree import Tree

if TYPE_CHECKING:
    from covgate.change.snapshot import Snapshot


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
