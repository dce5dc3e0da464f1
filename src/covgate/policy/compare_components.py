"""What became weaker for the files of components: by effect, whatever the components are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.config.globs import specificity
from covgate.policy.measured import is_test_file
from covgate.policy.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covgate.policy.compare_settings import Settings
    from covgate.policy.tree import Tree

_LIMITS = ("target", "floor", "diff-target")
_GENERAL = {"floor": ("coverage-floor", "floor"), "diff-target": ("diff-coverage", "target")}
_SHOWN = 5
_HELP = "Put it back, or lower it for a while with a [[tool.covgate.waiver]]."


class _Component(NamedTuple):
    name: str
    paths: tuple[str, ...]
    limits: Mapping[str, float]
    lines: Mapping[str, int]


class _Limit(NamedTuple):
    """What holds for a file, and the component that says so, None for the project's own."""

    value: float
    component: _Component | None


def compare_components(
    was: Settings, is_: Settings | None, general: Mapping[str, float], tree: Tree
) -> Iterator[Weakening]:
    """Yield each limit that fell for files of the tree by what components say.

    `general` are the limits of the base for files that no component has a limit for, by
    `floor` and `diff-target`; that these fall is told elsewhere.
    """
    old, new = _components(was), _components(is_) if is_ else []
    if old == new:
        return
    falls: dict[tuple[str, str, float, float], tuple[list[str], _Limit, _Limit]] = {}
    for path in sorted(tree.paths):
        if not path.endswith(".py") or is_test_file(path):
            continue
        for key in _LIMITS:
            before, after = (_limit(some, key, path, general) for some in (old, new))
            if after.value < before.value and (before.component or after.component):
                owner = (after.component or before.component or _NOBODY).name
                group = falls.setdefault(
                    (owner, key, before.value, after.value), ([], before, after)
                )
                group[0].append(path)
    for (owner, key, high, low), (files, before, after) in falls.items():
        names = ", ".join(files[:_SHOWN])
        names += f" and {len(files) - _SHOWN} more" if files[_SHOWN:] else ""
        settings, shown = (is_, after) if is_ and after.component else (was, before)
        lines = shown.component.lines if shown.component else {}
        line = lines.get(key, lines.get("paths", lines.get("name", 1)))
        now = f"{low:g}" if low else "nothing"
        message = f"`{key}` of components went from {high:g} to {now} for {names}"
        yield Weakening(
            f"covgate.component.{owner}.{key}", message, settings.path, line, _HELP,
            files=tuple(files),
        )  # fmt: skip


_NOBODY = _Component("", (), {}, {})


def _limit(
    components: list[_Component], key: str, path: str, general: Mapping[str, float]
) -> _Limit:
    """Return the limit of a file: of the closest component that has one, else the general one.

    A target is that of the component that the file belongs to, as a whole.
    """
    fits = sorted(
        (
            (max(close), component)
            for component in components
            if (close := [c for g in component.paths if (c := specificity(g, path)) is not None])
        ),
        key=lambda fit: fit[0],
        reverse=True,
    )
    for _, component in fits[:1] if key == "target" else fits:
        if key in component.limits:
            return _Limit(component.limits[key], component)
    if fits and key == "target":
        return _Limit(0.0, fits[0][1])
    return _Limit(general.get(key, 0.0), None)


def _components(settings: Settings) -> list[_Component]:
    given = settings.table.get("component")
    entries: list[tuple[Any, Any]]
    if isinstance(given, dict):  # sections of an ini file
        single = not all(isinstance(one, dict) for one in given.values())
        entries = [("", given)] if single else [*given.items()]
    else:
        entries = [*enumerate(given)] if isinstance(given, list) else []
    return [_component(settings, at, one) for at, one in entries if isinstance(one, dict)]


def _component(settings: Settings, at: Any, table: Mapping[str, Any]) -> _Component:
    keys = {raw.replace("_", "-"): raw for raw in table}
    where = ("component",) if at == "" else ("component", at)
    paths = table.get("paths", ())
    if isinstance(paths, str):
        paths = [part.strip() for part in paths.replace("\n", ",").split(",")]
    limits = {key: _number(table[keys[key]]) for key in _LIMITS if key in keys}
    lines = {key: settings.line(*where, raw) for key, raw in keys.items()}
    name = table.get("name", at if isinstance(at, str) else "")
    return _Component(str(name), tuple(filter(None, map(str, paths))), limits, lines)


def _number(value: Any) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0


def general_limits(numbers: Mapping[tuple[str, ...], Any]) -> dict[str, float]:
    """Return the general limits among the numbers of some settings, by the key of components."""
    found = {key: numbers.get(path) for key, path in _GENERAL.items()}
    return {key: _number(value) for key, value in found.items() if value is not None}
