"""`covgate baseline`: let be what was silenced before covgate came, and nothing more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.errors import PASS
from covgate.gate.baselining import renew

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

_SHOWN = 20


def run(options: argparse.Namespace) -> int:
    """Make the baseline, or take out what no longer applies; the exit code is 0."""
    found = renew(Path.cwd(), os.environ)
    if found.text is not None and not options.dry_run:
        found.path.write_text(found.text, encoding="utf-8")
    print(f"{found.path.name}: {_count(found.entries)}{_state(found.text, options.dry_run)}")
    if found.is_new:
        print("  commit it; from now on it only shrinks")
    if found.dropped:
        _list("no longer apply, or have moved", found.dropped)
    if found.outside:
        _list("not in the baseline, which never grows: give these a reason", found.outside)
    return PASS


def _state(text: str | None, dry: bool) -> str:
    if text is None:
        return ", as before"
    return " (not written)" if dry else ", written"


def _count(entries: Iterable[object]) -> str:
    number = len(list(entries))
    return "1 entry" if number == 1 else f"{number} entries"


def _list(title: str, entries: Iterable[object]) -> None:
    names = sorted(map(str, entries))
    print(f"{title}: {len(names)}")
    for name in names[:_SHOWN]:
        print(f"  {name}")
    if len(names) > _SHOWN:
        print(f"  and {len(names) - _SHOWN} more")
