"""Receipts: a pass is kept, and the same question is answered from it.

A receipt is a file below the shared state of the clone, named by tree and question. It answers
only while all that the verdict depended on is the same; what can't be told makes no receipt that
answers. It is a convenience of this clone and proves nothing to others: CI never reads one.

Of what was judged ahead of the commit a block is kept as well. It answers once: who commits again
without a change wants to know whether it was chance.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.errors import CovgateError

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

_VERSION = 2
_KEPT = 500
_MOST_OUTSIDE = 400
# What a receipt can't see again, or what would happen again when the tests ran.
_UNSURE = {
    "network": "the tests connect to something",
    "write": "the tests write outside of the project",
    "git": "the tests read .git",
}


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


class Start(NamedTuple):
    """What was around when a judgement ahead of the commit began: it may take minutes.

    `beside`: with what lies in the working tree and is not part of the commit.
    """

    at_ns: int
    world: str | None = None
    beside: str | None = None


def begin(around: Surroundings, asked: Asked) -> Start:
    """Return what is around now; `keep` compares with it."""
    start = Start(time.time_ns())
    try:
        python = _python(around, asked.settings)
    except CovgateError:
        return start
    world, beside = (_surrounding(around, asked, python, beside=b) for b in (False, True))
    return start._replace(world=world, beside=beside)


class Found(NamedTuple):
    """The answer of a receipt that holds; `void` says why one that was left ahead does not."""

    answer: Answer | None = None
    void: str = ""


def find(around: Surroundings, asked: Asked) -> Found:
    """Return the answer of a receipt that holds, if there is one.

    That a judgement ahead of the commit blocked is told once, except to those who judge ahead.
    """
    passed = _answer_of(around, asked, _folder(around.repo) / asked.name)
    if passed.answer is not None:
        return passed
    file = _blocks(around.repo) / asked.name
    blocked = _answer_of(around, asked, file)
    if blocked.answer is not None and not around.ahead:
        try:
            file.unlink()
        except OSError:
            return Found()  # somebody else was told
    return blocked if blocked.answer is not None or blocked.void else passed


def _answer_of(around: Surroundings, asked: Asked, file: Path) -> Found:
    raw = _read(file)
    if raw is None or not raw.get("world"):
        return Found()
    from covgate.report.stored import from_plain

    try:
        void = _void(around, asked, raw)
        if void:
            return Found(void=void if raw["ahead"] and not around.ahead else "")
        answer = from_plain(raw["answer"])
        return Found(_repeated(answer, asked.change, raw["at"], raw["output"], ahead=raw["ahead"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Found()  # not ours, or damaged


def _void(around: Surroundings, asked: Asked, raw: Mapping[str, Any]) -> str:
    """Return what is no longer as it was when a receipt was written, "" when it holds."""
    from covgate.gate.session import is_same_session, session_of
    from covgate.gate.world import difference, file_state, variables_of_tests

    if any(file_state(place) != was for place, was in raw["outside"].items()):
        return "files outside of the project that the tests read"
    if raw["evidence"] not in ("", file_state(str(around.evidence_file))):
        return "what is recorded of the tests"
    python = _python(around, asked.settings)
    world = _world(around, asked, python, beside=not raw["hidden"])
    if raw["world"] != world:
        return difference(raw["world"], world)
    session = session_of(variables_of_tests(around, python))
    if not is_same_session(around.git, asked.change.target.tree, session, raw["session"]):
        return "variables of the terminal that the project names"
    return ""


def keep(
    around: Surroundings,
    asked: Asked,
    answer: Answer,
    result: RunResult | None,
    *,
    in_full: bool,
    start: Start | None = None,
) -> str:
    """Put a pass on record; with a result that can be repeated, it will answer again.

    With the `start` of a judgement ahead of the commit a block as well. Returns why it will not
    answer, "" when it will.
    """
    change, passed = asked.change, answer.verdict == "pass"
    outside, why = _outside(result, start)
    hidden = passed and not answer.findings and _saw_nothing_beside(answer, result)
    world = None
    if outside is not None:
        python = answer.environment["python"]
        world, why = _kept_world(around, asked, python, start, beside=not hidden)
    if world is None and not passed:
        return why
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
        from covgate.gate.session import session_of
        from covgate.gate.world import variables_of_tests
        from covgate.report.stored import to_plain

        raw["answer"] = to_plain(answer)
        raw["output"] = "" if passed else answer.output
        raw["session"] = session_of(variables_of_tests(around, python))
        raw["hidden"], raw["ahead"] = hidden, around.ahead
        raw["evidence"] = _evidence(around, answer)
    folder = _folder(around.repo) if passed else _blocks(around.repo)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / asked.name, json.dumps(raw))
        _forget_old(folder)
    except OSError as error:
        return f"it can't be kept: {error.strerror}"
    return why


def _evidence(around: Surroundings, answer: Answer) -> str:
    """Return the state of the evidence, "" when more of it would change nothing in an answer."""
    from covgate.gate.world import file_state

    project = answer.project_coverage
    is_exact = project is None or project.exact
    return "" if is_exact else file_state(str(around.evidence_file))


def _saw_nothing_beside(answer: Answer, result: RunResult | None) -> bool:
    """Whether edited and untracked files had no part in it: an isolated tree does not show them.

    Where tests looked for files that are not there, one that turns up beside the commit would be
    told.
    """
    missed = result is None or any(note.kind == "missing" for note in result.notes)
    return answer.environment.get("tree", "").startswith("isolated") and not missed


def _kept_world(
    around: Surroundings, asked: Asked, python: str, start: Start | None, *, beside: bool
) -> tuple[str | None, str]:
    """Return the world to keep, or None and why there is none."""
    was = start and (start.beside if beside else start.world)
    if start is not None and was != _surrounding(around, asked, python, beside=beside):
        return None, "something around the project changed while it was judged"
    world = _world(around, asked, python, beside=beside)
    return world, "" if world is not None else "too many files lie around the project"


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


def _surrounding(around: Surroundings, asked: Asked, python: str, *, beside: bool) -> str | None:
    """Return the hash of all around the tree."""
    from covgate.gate.world import world_of

    return world_of(around, asked.change.target, asked.settings, python, beside=beside)


def _world(around: Surroundings, asked: Asked, python: str, *, beside: bool) -> str | None:
    """Return the hash of all around the tree, with how much the evidence knows of it."""
    world = _surrounding(around, asked, python, beside=beside)
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


def _outside(result: RunResult | None, start: Start | None) -> tuple[dict[str, str] | None, str]:
    """Return the state of each file outside that tests used, or None and why it can't be told."""
    if result is None:
        return None, "nothing was run"
    kinds = {kind for kind, _ in result.outside}
    for kind, why in _UNSURE.items():
        if kind in kinds:
            return None, why
    if len(result.outside) > _MOST_OUTSIDE:
        return None, "the tests read many files outside of the project"
    if any(note.kind == "child" for note in result.notes):
        return None, "the tests start other processes"  # what they use is out of our sight
    from covgate.gate.world import changed_since, file_state

    read = [path for kind, path in result.outside if kind == "read"]
    if start is not None and any(changed_since(path, start.at_ns) for path in read):
        return None, "a file outside of the project changed while it was judged"
    return {path: file_state(path) for _, path in result.outside}, ""


def _repeated(answer: Answer, change: Change, at: str, output: str, *, ahead: bool) -> Answer:
    from dataclasses import replace

    from covgate.report.wording import moment

    note = (
        f"from the receipt of {moment(at)}: tree, base, settings and environment are those that "
        "passed then (--no-receipt judges again)"
    )
    if ahead:
        note = (
            f"judged ahead by `covgate watch` {moment(at)}: tree, base, settings and environment "
            "are the same"
        )
        note += (
            " (--no-receipt judges again)"
            if answer.verdict == "pass"
            else "; commit again, and it is judged anew"
        )
    return replace(
        answer,
        mode=change.mode,
        why_mode=change.why,
        base=", ".join(base.name for base in change.bases),
        tree=change.target.tree,
        notes=(note, *answer.notes),
        receipt=at,
        output=output,
    )


def _folder(repo: Repository) -> Path:
    return repo.shared_state / "receipts"


def _blocks(repo: Repository) -> Path:
    return repo.shared_state / "blocks"


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
