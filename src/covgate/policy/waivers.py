"""Waivers of this rule: `[[tool.covgate.waiver]]` entries that are complete and not expired."""

from __future__ import annotations

from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from covgate.policy.compare_settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from covgate.policy.tree import Tree
    from covgate.policy.weakening import Weakening

RULE = "config-weakened"
LONGEST = timedelta(days=90)


def live_waivers(tree: Tree, today: date) -> Callable[[Weakening], bool]:
    """Return the test whether a waiver of `tree` allows a weakening on that day."""
    settings = read_settings(tree)
    tables = (settings.table.get("waiver") or settings.table.get("waivers")) if settings else None
    live = [w for w in tables if _is_live(w, today)] if isinstance(tables, list) else []
    return lambda weakening: any(_allows(waiver, weakening) for waiver in live)


def _is_live(waiver: Any, today: date) -> bool:
    if not isinstance(waiver, dict) or waiver.get("rule") != RULE:
        return False
    expires = _date(waiver.get("expires"))
    complete = all(str(waiver.get(key, "")).strip() for key in ("issue", "owner"))
    return complete and expires is not None and today <= expires <= today + LONGEST


def _date(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _allows(waiver: Mapping[str, Any], weakening: Weakening) -> bool:
    """`value` names the key that may fall, `paths` the files where it stands or that it loses."""
    key = waiver.get("value") or waiver.get("key")
    if key is not None and str(key) not in {weakening.key, weakening.key.rpartition(".")[2]}:
        return False
    paths = waiver.get("paths") or ()
    paths = [paths] if isinstance(paths, str) else paths
    if not paths:
        return key is not None
    touched = weakening.files or (weakening.path,)
    return _match(weakening.path, paths) or all(_match(path, paths) for path in touched)


def _match(path: str, globs: Any) -> bool:
    return any(fnmatchcase(path, str(glob)) for glob in globs)
