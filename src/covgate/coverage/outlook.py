"""What is missing to the targets, module by module: gap, effort, impact, priority."""

from __future__ import annotations

import ast
from statistics import median
from typing import TYPE_CHECKING, Literal, NamedTuple

from covgate.coverage.components import component_of, floor_of
from covgate.coverage.standing import exactly, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from covgate.config.model import Settings
    from covgate.coverage.project import FileNumbers, ProjectCoverage

Priority = Literal["high", "medium", "low", "done"]
HOW = (
    "gap: points, and lines or branches, to the module's target. effort: lines and branches that "
    "are missed, plus the McCabe complexity of the functions they are in. impact: commits that "
    "changed the module in the last year, plus modules that import it. priority: high below the "
    "floor, or with a gap and more impact than the median; medium with a gap; low without a gap."
)
_EXAMPLES = 3
_EXAMPLE_SIZE = 10
_BRANCHING = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.comprehension,
    ast.Assert, ast.match_case,
)  # fmt: skip


class Function(NamedTuple):
    """A function with lines that no test runs, or lines (`partial`) that do not go all their ways.

    `nearest` are the tests that come closest to them: they run the function, but not these lines.
    """

    name: str
    first: int
    last: int
    complexity: int
    missing: tuple[int, ...]
    partial: tuple[int, ...] = ()
    nearest: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """The first line to test."""
        return min((*self.missing, *self.partial))


class Row(NamedTuple):
    """One module of the table; `target` is None when nothing asks for more."""

    path: str
    component: str
    percent: float
    target: float | None
    gap_points: float
    gap_lines: int
    missed: int
    complexity: int
    changes: int
    dependents: int
    priority: Priority
    functions: tuple[Function, ...]

    @property
    def effort(self) -> int:
        return self.missed + self.complexity

    @property
    def impact(self) -> int:
        return self.changes + self.dependents


class Step(NamedTuple):
    """A phase, or the target: what the project needs for it (0: nothing).

    `modules` are the most urgent ones that miss as much together.
    """

    date: str
    target: float
    needs: int
    modules: tuple[str, ...] = ()


class Outlook(NamedTuple):
    """The table, most urgent first, the steps ahead, and modules to learn from."""

    percent: float
    rows: tuple[Row, ...]
    steps: tuple[Step, ...]
    examples: tuple[str, ...]


def look_ahead(
    coverage: ProjectCoverage,
    settings: Settings,
    read: Callable[[str], bytes | None],
    changes: Mapping[str, int],
    fail_under: float,
) -> Outlook:
    """Return the outlook; `changes` counts recent commits by path, `read` gives sources."""
    general = settings.coverage_target.target
    general = general if general is not None else (fail_under or _last_phase(settings))
    texts = {path: read(path) or b"" for path in coverage.files}
    dependents = _dependents(texts)
    rows = [
        _row(path, file, settings, general, texts[path])._replace(
            changes=changes.get(path, 0), dependents=dependents.get(path, 0)
        )
        for path, file in sorted(coverage.files.items())
    ]
    middle = median(row.impact for row in rows) if rows else 0
    rows = [row._replace(priority=_priority(row, settings, middle)) for row in rows]
    order = ("high", "medium", "low", "done")
    rows.sort(key=lambda row: (order.index(row.priority), -row.impact, row.effort, row.path))
    steps = [_step(str(p.date), p.target, coverage, rows) for p in settings.phase]
    if general is not None and all(step.target < general for step in steps):
        steps.append(_step("", general, coverage, rows))
    good = [row for row in rows if coverage.files[row.path].statements >= _EXAMPLE_SIZE]
    best = sorted(good, key=lambda row: (-row.percent, -coverage.files[row.path].statements))
    examples = tuple(row.path for row in best[:_EXAMPLES] if row.gap_lines == 0)
    return Outlook(coverage.percent, tuple(rows), tuple(steps), examples)


def _step(date: str, target: float, coverage: ProjectCoverage, rows: Iterable[Row]) -> Step:
    needs = left = lacking(coverage.counts, target)
    modules = []
    for row in rows:
        if left > 0 and row.missed:
            modules.append(row.path)
            left -= row.missed
    return Step(date, target, needs, tuple(modules))


def with_nearest(
    outlook: Outlook, nearest: Callable[[str, Function], Iterable[str]], count: int
) -> Outlook:
    """Return an outlook in which up to `count` of the nearest tests stand with each function."""
    rows = tuple(
        row._replace(
            functions=tuple(
                one._replace(nearest=tuple(nearest(row.path, one))[:count]) for one in row.functions
            )
        )
        for row in outlook.rows
    )
    return outlook._replace(rows=rows)


def _last_phase(settings: Settings) -> float | None:
    return max((phase.target for phase in settings.phase), default=None)


def _row(
    path: str, file: FileNumbers, settings: Settings, general: float | None, text: bytes
) -> Row:
    component = component_of(settings.component, path)
    target = component.target if component and component.target is not None else general
    counts = file.counts
    gap = max(float(exactly(target) - counts.ratio), 0.0) if target is not None else 0.0
    functions = tuple(missed_functions(text, file.missing, file.untaken))
    return Row(
        path=path,
        component=component.name if component else "",
        percent=counts.percent,
        target=target,
        gap_points=gap,
        gap_lines=lacking(counts, target) if target is not None else 0,
        missed=counts.missed,
        complexity=sum(function.complexity for function in functions),
        changes=0,
        dependents=0,
        priority="low",
        functions=functions,
    )


def _priority(row: Row, settings: Settings, middle: float) -> Priority:
    floor = floor_of(settings, row.path)
    if floor is not None and row.percent < floor:
        return "high"
    if row.gap_lines:
        return "high" if row.impact > middle else "medium"
    return "low" if row.missed else "done"


def missed_functions(
    text: bytes, missing: Iterable[int], partial: Iterable[int] = ()
) -> Iterator[Function]:
    """Yield the functions in which lines or branches are missed, the innermost for each line."""
    untaken = frozenset(partial)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    found: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = []
    _collect(tree, "", found)
    by_function: dict[int, list[int]] = {}
    for line in sorted({*missing, *untaken}):
        around = [
            (node.end_lineno or 0) - node.lineno
            if node.lineno < line <= (node.end_lineno or 0)
            else None
            for _, node in found
        ]
        sizes = [(size, number) for number, size in enumerate(around) if size is not None]
        if sizes:
            by_function.setdefault(min(sizes)[1], []).append(line)
    for number, lines in sorted(by_function.items()):
        name, node = found[number]
        branching = sum(isinstance(inner, _BRANCHING) for inner in ast.walk(node))
        last = node.end_lineno or node.lineno
        yield Function(
            name,
            node.lineno,
            last,
            1 + branching,
            tuple(line for line in lines if line not in untaken),
            tuple(line for line in lines if line in untaken),
        )


def _collect(
    node: ast.AST, prefix: str, into: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]
) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            into.append((prefix + child.name, child))
            _collect(child, f"{prefix}{child.name}.", into)
        elif isinstance(child, ast.ClassDef):
            _collect(child, f"{prefix}{child.name}.", into)
        else:
            _collect(child, prefix, into)


def _dependents(texts: Mapping[str, bytes]) -> dict[str, int]:
    """Count, for each module, the others that import it by its dotted name."""
    names = {_dotted(path): path for path in texts}
    found: dict[str, set[str]] = {}
    for path, text in texts.items():
        for name in _imports(text, _dotted(path)):
            for known in (name, name.rpartition(".")[0]):
                for root in (known, f"src.{known}"):
                    if root in names and names[root] != path:
                        found.setdefault(names[root], set()).add(path)
    return {path: len(users) for path, users in found.items()}


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(text: bytes, here: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(here.split(".")[: -node.level]) if node.level else ""
            base = ".".join(part for part in (above, node.module or "") if part)
            yield from (f"{base}.{alias.name}" for alias in node.names)
