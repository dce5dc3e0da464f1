"""`suite-budget`: how long the tests may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.coverage.waivers import ended, until
from covgate.rules.finding import Finding
from covgate.rules.severity import severity_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.config.plan import SuiteBudget
    from covgate.coverage.waivers import Waivers

RULE = "suite-budget"
_SLOWEST = 5
_HELP = "make the slowest tests quicker, or move them out of the suite of unit tests"


def find(
    seconds: Mapping[str, float], settings: SuiteBudget, waivers: Waivers, *, is_own: bool
) -> list[Finding]:
    """Judge how long all tests took, by id.

    `is_own` tells that the times are those of this change; times that an earlier run left behind
    are reported, but block nobody.
    """
    if not seconds:
        return []
    return [
        *_total(seconds, settings, waivers, is_own=is_own),
        *_single(seconds, settings, waivers, is_own=is_own),
    ]


def _total(
    seconds: Mapping[str, float], settings: SuiteBudget, waivers: Waivers, *, is_own: bool
) -> list[Finding]:
    took, limit = sum(seconds.values()), settings.max_total
    if limit is None or took <= limit:
        return []
    slowest = sorted(seconds.items(), key=lambda item: (-item[1], item[0]))[:_SLOWEST]
    said = f"all {len(seconds):,} tests take {took:.1f} s, the budget is {limit:g} s; the slowest: "
    said += ", ".join(f"{test} ({one:.1f} s)" for test, one in slowest)
    waiver = waivers.live(RULE)
    if waiver is not None and took <= float(waiver.value or 0):
        return [
            Finding(
                RULE, f"{said}; waived up to {waiver.value:g} s {until(waiver)}", severity="note"
            )
        ]
    severity = severity_of(settings.level, blocks=is_own)
    return [Finding(RULE, said + ended(waivers.expired(RULE)), help=_HELP, severity=severity)]


def _single(
    seconds: Mapping[str, float], settings: SuiteBudget, waivers: Waivers, *, is_own: bool
) -> list[Finding]:
    limit = settings.max_test
    if limit is None:
        return []
    waiver = waivers.live(RULE)
    return [
        Finding(
            RULE,
            f"{test} takes {took:.1f} s, a test may take {limit:g} s",
            test.partition("::")[0],
            help=_HELP,
            severity="note" if waiver else severity_of(settings.level, blocks=is_own),
        )
        for test, took in sorted(seconds.items())
        if took > limit
    ]
