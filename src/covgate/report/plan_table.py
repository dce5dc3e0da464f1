"""The outlook of a project as a table for terminals and Markdown, and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from covgate.report.escaping import one_line, well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from covgate.coverage.outlook import Outlook, Row

_HEAD = ("module", "now", "target", "gap", "lines", "effort", "impact", "changes", "used by")
_GAPS = 3
_GROUPS = {
    "high": "High priority",
    "medium": "Medium priority",
    "low": "At its target",
}


def text(outlook: Outlook, how: str) -> str:
    """Return the plan for a terminal."""
    parts = [f"The project is covered to {_percent(outlook.percent)}."]
    for priority, title in _GROUPS.items():
        rows = [_cells(row) for row in outlook.rows if row.priority == priority]
        if rows:
            gaps = _gaps(outlook, priority, str)
            parts.append("\n".join([title, _aligned([_HEAD, *rows]), *gaps]))
    parts += [*_steps(outlook), *_examples(outlook), how]
    return "\n\n".join(parts) + "\n"


def markdown(outlook: Outlook, how: str) -> str:
    """Return the plan as Markdown."""
    parts = ["# Coverage plan", f"The project is covered to {_percent(outlook.percent)}."]
    for priority, title in _GROUPS.items():
        rows = [_cells(row) for row in outlook.rows if row.priority == priority]
        if rows:
            marks = ("---", *("---:" for _ in _HEAD[1:]))
            parts.append(f"## {title}")
            table = [_HEAD, marks, *((f"`{row[0]}`", *row[1:]) for row in rows)]
            parts.append("\n".join(f"| {' | '.join(row)} |" for row in table))
            gaps = _gaps(outlook, priority, lambda text: f"`{text}`")
            parts += ["\n".join(f"- {gap.strip()}" for gap in gaps)] if gaps else []
    steps = _steps(outlook)
    parts += [f"## Phases\n\n{steps[0]}"] if steps else []
    parts += [*_examples(outlook), how]
    return "\n\n".join(parts) + "\n"


def as_json(outlook: Outlook, how: str) -> str:
    """Return the plan as one JSON object."""
    rows = [
        {
            "path": well_formed(row.path),
            "component": row.component or None,
            "percent": row.percent,
            "target": row.target,
            "gap_points": row.gap_points,
            "gap_lines": row.gap_lines,
            "effort": row.effort,
            "missed": row.missed,
            "complexity": row.complexity,
            "impact": row.impact,
            "changes": row.changes,
            "dependents": row.dependents,
            "priority": row.priority,
            "functions": [function._asdict() for function in row.functions],
        }
        for row in outlook.rows
    ]
    phases = [
        {
            "date": step.date or None,
            "target": step.target,
            "needs": step.needs,
            "modules": [well_formed(path) for path in step.modules],
        }
        for step in outlook.steps
    ]
    value = {
        "percent": outlook.percent,
        "modules": rows,
        "phases": phases,
        "examples": list(outlook.examples),
        "how": how,
    }
    return json.dumps(value, indent=2) + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        one_line(row.path, unicode=True),
        _percent(row.percent),
        "-" if row.target is None else f"{row.target:g}%",
        f"{row.gap_points:.1f}",
        str(row.gap_lines),
        str(row.effort),
        str(row.impact),
        str(row.changes),
        str(row.dependents),
    )


def _gaps(outlook: Outlook, priority: str, quoted: Callable[[str], str]) -> list[str]:
    """Return a line for the largest gaps of a group: where, and the tests that come nearest."""
    if priority == "low":
        return []
    gaps = [
        (row, function)
        for row in outlook.rows
        if row.priority == priority
        for function in sorted(row.functions, key=lambda one: (-len(one.missing), one.first))[
            :_GAPS
        ]
    ]
    return [
        f"  {quoted(f'{one_line(row.path, unicode=True)}:{function.start}')} {function.name}: "
        + (f"nearest tests {', '.join(map(quoted, near))}" if near else "no test enters it")
        for row, function in gaps
        for near in [[one_line(test, unicode=True) for test in function.nearest]]
    ]


def _percent(value: float) -> str:
    return f"{int(value * 10 + 1e-9) / 10:g}%"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _needed(number: int) -> str:
    if not number:
        return "reached"
    return f"{number:,} more {'line or branch' if number == 1 else 'lines or branches'} to cover"


def _steps(outlook: Outlook) -> list[str]:
    lines = [
        f"- {f'from {step.date}' if step.date else 'target'}: {step.target:g}%, "
        + _needed(step.needs)
        + (f", of {_some(step.modules)}" if step.needs and step.modules else "")
        for step in outlook.steps
    ]
    return ["\n".join(lines)] if lines else []


def _some(paths: Sequence[str]) -> str:
    shown = ", ".join(one_line(path, unicode=True) for path in paths[:_GAPS])
    return shown + (f" and {len(paths) - _GAPS} more modules" if len(paths) > _GAPS else "")


def _examples(outlook: Outlook) -> list[str]:
    return [f"Examples to follow: {', '.join(outlook.examples)}"] if outlook.examples else []
