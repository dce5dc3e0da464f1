"""A comparison of the gate with the way without covgate: the value, and how it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from covgate.report.escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.coverage.project import FileNumbers
    from covgate.report.style import Style


class Side(NamedTuple):
    """What one of the two ways says; `files` is None when it has no number for the project."""

    verdict: str
    failed: frozenset[str]
    uncovered: Mapping[str, frozenset[int]]
    files: Mapping[str, FileNumbers] | None


class Difference(NamedTuple):
    """One thing on which the ways differ: what, where, the sentence, and the trace to blame."""

    what: str
    path: str
    lines: tuple[int, ...]
    message: str
    trace: str = ""


class Parity(NamedTuple):
    """The comparison; `digest` names what both ways say ("" when they differ).

    `flaky` are tests, and `unsteady` lines, whose result differs between two runs of the same
    way: no difference of the gate. `stricter` says which lines the gate counts on purpose although
    the plain way does not, `notes` what was not compared, and why.
    """

    tree: str
    base: str
    gate: Side
    plain: Side
    differences: tuple[Difference, ...]
    digest: str
    flaky: tuple[str, ...]
    unsteady: tuple[str, ...]
    stricter: tuple[str, ...]
    notes: tuple[str, ...]
    tests: int
    ran: int
    reused: int
    percent: float | None
    commands: tuple[str, ...]

    @property
    def equal(self) -> bool:
        return not self.differences


def text(parity: Parity, compared: str, style: Style) -> str:
    """Return the comparison for a terminal."""
    unicode = style.unicode
    count = len(parity.differences)
    words = "1 difference" if count == 1 else f"{count} differences"
    first = "equal" if parity.equal else f"different - {words}"
    lines = [f"covgate parity: {first}"]
    for one in parity.differences:
        where = f"{one.path}: " if one.path else ""
        lines.append(one_line(f"  {one.what}: {where}{one.message}", unicode=unicode))
        if one.trace:
            lines.append(one_line(f"    reused: {one.trace}", unicode=unicode))
    if not parity.equal:
        lines.append("")
    lines += [
        f"  compared          {compared}",
        f"  tree              {parity.tree}",
        f"  base              {parity.base}",
        f"  tests             {parity.tests}; in the gate {parity.ran} ran, {parity.reused} reused",
        f"  failing tests     {_both(len(parity.gate.failed), len(parity.plain.failed))}",
        f"  uncovered lines   {_both(_count(parity.gate), _count(parity.plain))}",
        f"  project coverage  {_project(parity)}",
        f"  verdict           {_both(parity.gate.verdict, parity.plain.verdict)}",
    ]
    lines += [f"  digest            sha256:{parity.digest}"] if parity.digest else []
    told = [f"flaky: {test} ends in different ways when it runs again" for test in parity.flaky]
    told += [f"unsteady: {place}, in two runs of the plain way" for place in parity.unsteady]
    told += [f"stricter on purpose: {place}" for place in parity.stricter]
    told += [f"note: {note}" for note in parity.notes]
    lines += [one_line(line, unicode=unicode) for line in told]
    return "\n".join(lines) + "\n"


def json_text(parity: Parity, compared: str) -> str:
    """Return the comparison as an indented JSON object in ASCII."""
    found = {
        "equal": parity.equal,
        "digest": parity.digest or None,
        "tree": parity.tree,
        "base": parity.base,
        "compared": compared,
        "gate": _side(parity.gate),
        "plain": _side(parity.plain),
        "differences": [one._asdict() for one in parity.differences],
        "flaky": parity.flaky,
        "unsteady": parity.unsteady,
        "stricter": parity.stricter,
        "notes": parity.notes,
        "tests": {"plain": parity.tests, "ran": parity.ran, "reused": parity.reused},
        "project_percent": parity.percent,
        "commands": parity.commands,
    }
    return json.dumps(found, indent=2) + "\n"


def spans(lines: Iterable[int]) -> str:
    """Return lines as people write them: 3, 7-9."""
    found: list[list[int]] = []
    for line in sorted(lines):
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ", ".join(f"{first}-{last}" if first != last else str(first) for first, last in found)


def _side(side: Side) -> dict[str, object]:
    return {
        "verdict": side.verdict,
        "failed": sorted(side.failed),
        "uncovered": {path: sorted(lines) for path, lines in sorted(side.uncovered.items())},
        "project": None
        if side.files is None
        else {path: file.counts.percent for path, file in sorted(side.files.items())},
    }


def _both(ours: object, theirs: object) -> str:
    return f"{ours}, both" if ours == theirs else f"{ours} in the gate, {theirs} in the plain way"


def _count(side: Side) -> int:
    return sum(map(len, side.uncovered.values()))


def _project(parity: Parity) -> str:
    if parity.gate.files is None or parity.plain.files is None:
        percent = "none" if parity.percent is None else f"{parity.percent:.2f}%"
        return f"not compared ({percent} in the plain way)"
    ours, theirs = (total(side.files or {}) for side in (parity.gate, parity.plain))
    return _both(ours, theirs)


def total(files: Mapping[str, FileNumbers]) -> str:
    """Return the percentage of some files."""
    from covgate.coverage.project import total as sum_of

    return f"{sum_of(files.values()).percent:.2f}%"
