"""The waivers of a project on one day: which hold, which have ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from covgate.config.globs import matches

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from covgate.config.plan import Waiver

ANNOUNCED = timedelta(days=14)


class Waivers(NamedTuple):
    """All waivers of the settings, seen on a day."""

    all: tuple[Waiver, ...]
    day: date

    def is_live(self, waiver: Waiver) -> bool:
        return self.day <= waiver.expires

    def is_ending(self, waiver: Waiver) -> bool:
        return self.is_live(waiver) and waiver.expires - self.day <= ANNOUNCED

    def live(self, rule: str, paths: Iterable[str] = ()) -> Waiver | None:
        """Return the waiver that holds for what a finding is about, None without one."""
        wanted = tuple(paths)
        return next((w for w in self._of(rule, wanted) if self.is_live(w)), None)

    def expired(self, rule: str, paths: Iterable[str] = ()) -> Waiver | None:
        """Return the newest waiver that has ended and no other has replaced."""
        wanted = tuple(paths)
        ended = [w for w in self._of(rule, wanted) if not self.is_live(w)]
        if self.live(rule, wanted) is not None:
            return None
        return max(ended, key=lambda waiver: waiver.expires, default=None)

    def _of(self, rule: str, paths: tuple[str, ...]) -> Iterable[Waiver]:
        """Yield those of a rule that are about all of `paths`."""
        for waiver in self.all:
            if waiver.rule != rule:
                continue
            if not waiver.paths or (paths and all(_any(waiver.paths, path) for path in paths)):
                yield waiver


def _any(globs: Iterable[str], path: str) -> bool:
    return any(matches(glob, path) for glob in globs)


def until(waiver: Waiver) -> str:
    """Return in words what a waiver says: `until 2026-09-30 (#12, ana): legacy`."""
    return f"until {waiver.expires} ({waiver.issue}, {waiver.owner}): {waiver.reason}"


def ended(waiver: Waiver | None) -> str:
    """Return the words that a finding gets whose waiver has ended; none without one."""
    if waiver is None:
        return ""
    return f"; its waiver ended on {waiver.expires} ({waiver.issue}, {waiver.owner})"
