"""Receipts: a pass is kept, and the same question is answered from it.

A receipt is a file below the shared state of the clone, named by tree and question. It answers
only while all that the verdict depended on is the same; what can't be told makes no receipt that
answers. It is a convenience of this clone and proves nothing to others: CI never reads one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.surroundings import Surroundings
    from covgate.git.repository import Repository
    from covgate.report.answer import Answer
    from covgate.run.plan import RunResult

_VERSION = 1
_KEPT = 500
_MOST_OUTSIDE = 400
# What a receipt can't see again, or what would happen again when the tests ran.
_UNSURE = frozenset({"network", "write", "git"})


class Asked(NamedTuple):
    """A question as far as the answer depends on it: `options` beside change and settings.

    The day counts even where no policy names one: a receipt is good for a day at most.
    """

    change: Change
    settings: Settings
    day: date
    options: tuple[object, ...]

    @property
    def name(self) -> str:
        """The name of the file of its receipt."""
        bases = tuple(base.tree for base in self.change.bases)
        key = (_VERSION, self.change.mode == "all", bases, self.settings, self.day, self.options)
        text = repr(key).encode("utf-8", "backslashreplace")
        return f"{self.change.target.tree}-{hashlib.sha256(text).hexdigest()[:20]}.json"


class Passed(NamedTuple):
    """A pass that is on record: what was judged, and when.

    `in_full`: by all rules, as the project's own settings have them.
    """

    tree: str
    bases: tuple[str, ...]
    in_full: bool
    at: str


def find(around: Surroundings, asked: Asked) -> Answer | None:
    """Return the answer of a receipt that holds, None without one."""
    raw = _read(_folder(around.repo) / asked.name)
    if raw is None or not raw.get("world"):
        return None
    from covgate.gate.world import file_state
    from covgate.report.stored import from_plain

    try:
        if any(file_state(place) != was for place, was in raw["outside"].items()):
            return None
        if raw["world"] != _world(around, asked, _python(around, asked.settings)):
            return None
        return _repeated(from_plain(raw["answer"]), asked.change, raw["at"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None  # not ours, or damaged


def keep(
    around: Surroundings,
    asked: Asked,
    answer: Answer,
    result: RunResult | None,
    *,
    in_full: bool,
) -> None:
    """Put a pass on record; with a result that can be repeated, it will answer again."""
    change = asked.change
    outside = _outside(result) if result is not None else None
    world = None
    if outside is not None:
        world = _world(around, asked, answer.environment["python"])
    raw: dict[str, Any] = {
        "tree": change.target.tree,
        "bases": [base.tree for base in change.bases],
        "in_full": in_full,
        "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "world": world,
        "outside": outside,
        "answer": None,
    }
    if world is not None:
        from covgate.report.stored import to_plain

        raw["answer"] = to_plain(answer)
    folder = _folder(around.repo)
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / asked.name, json.dumps(raw))
        _forget_old(folder)


def passes(repo: Repository) -> Iterator[Passed]:
    """Yield the passes on record in this clone."""
    folder = _folder(repo)
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        raw = _read(file)
        try:
            if raw is not None:
                in_full = raw["in_full"] is True
                yield Passed(str(raw["tree"]), tuple(raw["bases"]), in_full, str(raw["at"]))
        except (KeyError, TypeError):
            continue


def _world(around: Surroundings, asked: Asked, python: str) -> str | None:
    """Return the hash of all around the tree, with how much the evidence knows of it."""
    from covgate.gate.world import world_of

    world = world_of(around, asked.change.target, asked.settings, python)
    if world is None:
        return None
    from covgate.coverage.history import History
    from covgate.gate.evidence import open_archive
    from covgate.gate.whole import history_file
    from covgate.traces.store import WHOLE

    knows_suite = False
    if around.evidence_file.exists():
        archive = open_archive(around, asked.change.target, asked.settings, python)
        with archive.store:
            knows_suite = WHOLE in archive.suite
    trees = [base.tree for base in asked.change.bases]
    known = sorted(History(history_file(around.repo), python).load_all(trees))
    return f"{world} {knows_suite} {known}"


def _outside(result: RunResult) -> dict[str, str] | None:
    """Return the state of each file outside that tests used, None when that can't be told."""
    kinds = {kind for kind, _ in result.outside}
    if kinds & _UNSURE or len(result.outside) > _MOST_OUTSIDE:
        return None
    if any(note.kind == "child" for note in result.notes):
        return None  # another process: what it used is out of our sight
    from covgate.gate.world import file_state

    return {path: file_state(path) for _, path in result.outside}


def _repeated(answer: Answer, change: Change, at: str) -> Answer:
    from dataclasses import replace

    from covgate.report.wording import moment

    note = (
        f"from the receipt of {moment(at)}: tree, base, settings and environment are those that "
        "passed then (--no-receipt judges again)"
    )
    return replace(
        answer,
        mode=change.mode,
        why_mode=change.why,
        base=", ".join(base.name for base in change.bases),
        tree=change.target.tree,
        notes=(note, *answer.notes),
        receipt=at,
    )


def _folder(repo: Repository) -> Path:
    return repo.shared_state / "receipts"


def _python(around: Surroundings, settings: Settings) -> str:
    from covgate.run.interpreter import find_interpreter

    repo = around.repo
    return find_interpreter(repo.top, repo.main_top, settings.python, around.env).python


def _read(file: Path) -> Mapping[str, Any] | None:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return raw if isinstance(raw, dict) else None


def _write(file: Path, text: str) -> None:
    """Write a file so that nobody ever sees half of it."""
    descriptor, name = tempfile.mkstemp(prefix="new-", dir=file.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(name, file)  # noqa: PTH105


def _forget_old(folder: Path) -> None:
    entries = [*os.scandir(folder)]
    if len(entries) > _KEPT:
        aged = sorted((entry.stat().st_mtime, entry.path) for entry in entries)
        for _, path in aged[: len(entries) - _KEPT * 9 // 10]:
            os.unlink(path)  # noqa: PTH108
