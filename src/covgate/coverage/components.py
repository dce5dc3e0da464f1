"""Which component a file belongs to, and the limits that hold for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from covgate.config.globs import specificity
from covgate.config.model import PathTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.config.model import Settings
    from covgate.config.plan import Component


class _Fit(NamedTuple):
    """How closely a component fits a path, and its place in the settings."""

    specificity: tuple[int, int]
    number: int


def fits(components: Iterable[Component], path: str) -> list[_Fit]:
    """Return the components that a path matches, the most specific first."""
    found = []
    for number, component in enumerate(components):
        close = [fit for glob in component.paths if (fit := specificity(glob, path)) is not None]
        if close:
            found.append(_Fit(max(close), number))
    return sorted(found, key=lambda fit: fit.specificity, reverse=True)


def component_of(components: tuple[Component, ...], path: str) -> Component | None:
    """Return the component that a file belongs to: the one whose path fits it most closely."""
    found = fits(components, path)
    return components[found[0].number] if found else None


def members(
    components: tuple[Component, ...], paths: Iterable[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return the files of each component by its name, sorted; components without any as well."""
    found: dict[str, list[str]] = {component.name: [] for component in components}
    for path in sorted(paths):
        component = component_of(components, path)
        if component is not None:
            found[component.name].append(path)
    return {name: tuple(files) for name, files in found.items()}


def floor_of(settings: Settings, path: str) -> float | None:
    """Return the floor of a module: of the closest component that has one, else the general one."""
    for fit in fits(settings.component, path):
        floor = settings.component[fit.number].floor
        if floor is not None:
            return floor
    return settings.coverage_floor.floor


def with_diff_targets(settings: Settings) -> Settings:
    """Return settings in which the diff targets of components are overrides of `diff-coverage`."""
    extra = tuple(
        PathTarget(component.paths, component.diff_target)
        for component in settings.component
        if component.diff_target is not None
    )
    if not extra:
        return settings
    rule = settings.diff_coverage
    return replace(settings, diff_coverage=replace(rule, override=(*rule.override, *extra)))
