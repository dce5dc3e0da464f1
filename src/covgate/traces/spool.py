"""Reads what the recorder wrote, as far as it was written: contexts, tests, children."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.traces.model import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Item = tuple[Any, ...]


@dataclass
class Context:
    """One context of the recorder; see `_covgate_trace`."""

    kind: str
    name: str
    facts: Mapping[str, Any]
    items: set[Item] = field(default_factory=set)
    uses: set[int] = field(default_factory=set)
    ran: list[tuple[int, str, str]] = field(default_factory=list)
    closed: bool = False


class RanTest(NamedTuple):
    """A test that came to its end."""

    context: int
    id: str
    file: str
    name: str
    phases: tuple[tuple[str, str, float], ...]
    began: float
    ended: float


class MeasuredFile(NamedTuple):
    """A file that coverage measures: its lines, or arcs, by the number that contexts use."""

    path: str
    values: list[Any]


@dataclass
class Process:
    """The spool of one process; `ended` is None for a child of which no end was seen."""

    contexts: dict[int, Context] = field(default_factory=dict)
    files: dict[int, MeasuredFile] = field(default_factory=dict)
    tests: list[RanTest] = field(default_factory=list)
    surroundings: Surroundings | None = None
    written: frozenset[str] = frozenset()
    child: bool = False
    began: float = 0.0
    ended: float | None = None
    roots: tuple[str, ...] = ()
    gone: dict[str, float] = field(default_factory=dict)
    collected: Mapping[str, list[str]] | None = None
    broken: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    through: bool = True


def read_spool(folder: Path) -> list[Process]:
    """Return every process that wrote a spool into `folder`, the test session first."""
    paths = [
        path for prefix in ("main", "child") for path in sorted(folder.glob(f"{prefix}-*.jsonl"))
    ]
    processes = [_read(path) for path in paths]
    for path, process in zip(paths[1:], processes[1:], strict=True):
        if process.ended is None:
            process.ended = processes[0].gone.get(path.name)
    return processes


def _made(path: Path) -> float:
    """Return when a spool was begun, which its name tells (in nanoseconds)."""
    moment = path.stem.rpartition("-")[2]
    return int(moment) / 1e9 if moment.isdigit() else 0.0


def _read(path: Path) -> Process:
    child = path.name.startswith("child-")
    process = Process(child=child, began=0.0 if child else _made(path))
    for line in _lines(path):
        if "add" in line:
            process.contexts[line["add"]].items.update(tuple(item) for item in line["items"])
        elif "use" in line:
            process.contexts[line["use"]].uses.add(line["of"])
        elif "ctx" in line:
            process.contexts[line["ctx"]] = Context(line["kind"], line["name"], line)
        elif "ran" in line:
            process.contexts[line["ran"]].ran += map(tuple, line["lines"])
        elif "values" in line:
            known = process.files.setdefault(line["of"], MeasuredFile(line["path"], []))
            known.values.extend(line["values"])
        elif "test" in line:
            process.tests.append(_test(line))
        elif "closed" in line or "gone" in line:
            _closed(process, line)
        elif "child" in line:
            process.child, process.began = True, line["at"]
        elif "end" in line:
            process.ended, process.roots = line["end"], tuple(line["path"])
        elif "collected" in line:
            process.collected = line["collected"]
            process.broken = frozenset(line["broken"])
            process.skipped = frozenset(line["skipped"])
            process.through = line["through"]
        elif "packages" in line:
            process.surroundings = Surroundings(
                tuple(dict.fromkeys(line["path"])),
                tuple(line["outside"]),
                {name: tuple(found) for name, found in line["packages"].items()},
                {name: tuple(found) for name, found in line["files"].items()},
            )
        elif "finished" in line:
            process.ended = line["finished"]
            process.written = frozenset(line["written"])
    return process


def _closed(process: Process, line: Mapping[str, Any]) -> None:
    """Note that a fixture was torn down, or that a child is no more."""
    if "gone" in line:
        process.gone[line["gone"]] = line["at"]
    else:
        process.contexts[line["closed"]].closed = True


def _test(line: Mapping[str, Any]) -> RanTest:
    return RanTest(
        line["test"],
        line["nodeid"],
        line["file"] or "",
        line["name"],
        tuple((when, outcome, seconds) for when, outcome, seconds in line["phases"]),
        line["began"],
        line["ended"],
    )


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return
    for line in text.split("\n"):
        if line:
            try:
                yield json.loads(line)
            except ValueError:
                return  # the last line of a process that was killed
