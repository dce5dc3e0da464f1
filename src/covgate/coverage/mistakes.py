"""What is wrong with a policy that is well formed: keys that contradict each other or the tree."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from covgate.change.diff import is_python
from covgate.config.globs import matches
from covgate.config.plan import LONGEST_WAIVER_DAYS
from covgate.config.reading import SettingsError, Told, place_of
from covgate.coverage.components import fits
from covgate.coverage.fail_under import read_fail_under
from covgate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from covgate.change.snapshot import Snapshot
    from covgate.config.keys import KeyPath
    from covgate.config.model import Settings
    from covgate.config.plan import Waiver
    from covgate.config.validation import Kept
    from covgate.coverage.fail_under import FailUnder

Mistake = tuple["KeyPath", str]

# Rules whose waivers may name another limit; the others have nothing but their findings.
_NUMERIC = {
    "coverage-component", "coverage-floor", "coverage-phase", "coverage-target", "error-paths",
    "suite-budget",
}  # fmt: skip
_WHOLE = {"coverage-phase", "coverage-ratchet", "coverage-target", "suite-budget"}
_HELP = "docs/policy.md of covgate has a worked example of a plan."


# What can be told of an entry although other keys of it are wrong.
_CERTAIN = {"name", "paths", "date", "reason", "issue", "owner", "expires"}


def check_policy(snapshot: Snapshot, settings: Settings, day: date) -> None:
    """Raise `SettingsError` with every mistake in the policy, each with its place."""
    told = _told(snapshot, settings, day)
    if told:
        error = SettingsError(told, settings, {})
        error.help = _HELP
        raise error


def with_policy(error: SettingsError, snapshot: Snapshot, day: date) -> UsageError:
    """Return the mistakes of form together with those in what is right of the settings."""
    if error.settings is None:
        return error
    malformed = {one.path for one in error.told if one.path}
    places = {(one.file, one.line) for one in error.told}
    entries = {path[:2] for path in malformed if len(path) > 1 and isinstance(path[1], int | str)}
    found = [
        one
        for one in _told(snapshot, error.settings, day, error.kept)
        if not any(one.path[: len(path)] == path for path in malformed)
        and (one.path or (one.file, one.line) not in places)  # another reader of the same file
        and (one.path[:2] not in entries or _CERTAIN.intersection(one.path[2:]))
    ]
    return SettingsError(dict.fromkeys((*error.told, *found)), error.settings, error.kept)


def _told(
    snapshot: Snapshot, settings: Settings, day: date, kept: Kept | None = None
) -> list[Told]:
    mistakes = [
        *_components(snapshot, settings),
        *_limits(settings),
        *_phases(settings),
        *_waivers(snapshot, settings, day),
    ]
    told: list[Told] = []
    try:
        own = read_fail_under(snapshot)
    except UsageError as error:  # of coverage's own configuration
        told.append(_elsewhere(error))
    else:
        mistakes += _contradictions(snapshot, settings, own)
        mistakes += _unmeasured(snapshot, settings)
    for path, words in dict.fromkeys(mistakes):
        written = _as_written(path, kept or {})
        place = place_of(snapshot, written)
        told.append(Told(*_file_and_line(place), f"{place}: {words}", written))
    return told


def _as_written(path: KeyPath, kept: Kept) -> KeyPath:
    """Return a path with the position of an entry among those that the file has."""
    numbers = kept.get(path[:1])
    if numbers is None or len(path) < 2 or not isinstance(path[1], int):
        return path
    return (path[0], numbers[path[1]], *path[2:])


def _elsewhere(error: UsageError) -> Told:
    return Told(*_file_and_line(error.message), error.message)


def _file_and_line(text: str) -> tuple[str, int]:
    found = re.match(r"([^:]*):(\d+)", text)
    return (found[1], int(found[2])) if found else ("", 0)


def _components(snapshot: Snapshot, settings: Settings) -> Iterator[Mistake]:
    components = settings.component
    names: dict[str, int] = {}
    for number, component in enumerate(components):
        if component.name in names:
            yield ("component", number, "name"), f'"{component.name}" is the name of another one'
        names.setdefault(component.name, number)
    if not components:
        return
    files = [path for path in snapshot.entries if is_python(path)]
    missing = set()
    for number, component in enumerate(components):
        for index, glob in enumerate(component.paths):
            if not any(matches(glob, path) for path in files):
                missing.add(number)
                yield ("component", number, "paths", index), f"{glob} matches no Python file"
    yield from _sharing(settings, sorted(files), missing)


def _unmeasured(snapshot: Snapshot, settings: Settings) -> Iterator[Mistake]:
    """A policy about numbers that coverage is not told to count, or told not to count."""
    first = next(_judging(settings), None)
    if first is None:
        return
    from covgate.policy.coverage_config import resolve_coverage
    from covgate.policy.measured import matches as is_left_out
    from covgate.policy.tree import Tree

    config = resolve_coverage(Tree(snapshot, strict=False))
    if config.path is None:
        words = "coverage has no configuration, so files that no test imports would not count"
        yield first, f"{words}; name your packages: `source` in [tool.coverage.run]"
        return
    omit = [*config.texts("run:omit"), *config.texts("report:omit")]
    files = [path for path in snapshot.entries if is_python(path)]
    for number, component in enumerate(settings.component):
        own = [path for path in files if any(matches(glob, path) for glob in component.paths)]
        if omit and own and all(is_left_out(path, omit) for path in own):
            words = f'coverage counts no file of the component "{component.name}"'
            yield ("component", number, "paths"), f"{words}: its `omit` leaves all of them out"


def _judging(settings: Settings) -> Iterator[KeyPath]:
    """Yield the keys that ask for numbers of the whole project."""
    if settings.coverage_target.target is not None:
        yield ("coverage-target", "target")
    if settings.coverage_floor.floor is not None:
        yield ("coverage-floor", "floor")
    for number, component in enumerate(settings.component):
        for key in ("target", "floor"):
            if getattr(component, key) is not None:
                yield ("component", number, key)
    for number, _ in enumerate(settings.phase):
        yield ("phase", number, "target")


def _sharing(settings: Settings, files: list[str], missing: set[int]) -> Iterator[Mistake]:
    """Files that two components claim alike, and components that keep none."""
    components = settings.component
    own: set[int] = set()
    clashes: dict[tuple[int, int], str] = {}
    for path in files:
        found = fits(components, path)
        if not found:
            continue
        best = [fit.number for fit in found if fit.specificity == found[0].specificity]
        own.update(best)
        for other in best[1:]:
            clashes.setdefault((best[0], other), path)
    for (first, second), path in clashes.items():
        words = f'overlaps with the component "{components[first].name}": both claim {path}'
        yield ("component", second, "paths"), f"{words} with paths that are equally specific"
    for number, component in enumerate(components):
        if number not in own and number not in missing:
            words = f'the component "{component.name}" is empty: others claim all of its files'
            yield ("component", number, "paths"), f"{words} with paths that are more specific"


def _limits(settings: Settings) -> Iterator[Mistake]:
    floor, target = settings.coverage_floor.floor, settings.coverage_target.target
    if floor is not None and target is not None and floor > target:
        yield ("coverage-floor", "floor"), f"{floor:g} is above the target of {target:g}"
    for number, component in enumerate(settings.component):
        least = component.floor if component.floor is not None else floor
        if least is not None and component.target is not None and least > component.target:
            key = "floor" if component.floor is not None else "target"
            words = (
                f"{least:g} is above the component's target of {component.target:g}"
                if component.floor is not None
                else f"{component.target:g} is below the general floor of {least:g}; give the "
                "component a floor of its own"
            )
            yield ("component", number, key), words


def _phases(settings: Settings) -> Iterator[Mistake]:
    ordered = sorted(enumerate(settings.phase), key=lambda pair: pair[1].date)
    for (_, before), (number, phase) in pairwise(ordered):
        if phase.date == before.date:
            yield ("phase", number, "date"), f"{phase.date} is the date of another phase"
        elif phase.target < before.target:
            words = f"{phase.target:g} is less than what is due since {before.date}"
            yield ("phase", number, "target"), f"{words}: {before.target:g}"
    target = settings.coverage_target.target
    for number, phase in enumerate(settings.phase):
        if target is not None and phase.target > target:
            yield ("phase", number, "target"), f"{phase.target:g} is above the target of {target:g}"


def _waivers(snapshot: Snapshot, settings: Settings, day: date) -> Iterator[Mistake]:
    for number, waiver in enumerate(settings.waiver):
        for key in ("reason", "issue", "owner"):
            if not getattr(waiver, key).strip():
                yield ("waiver", number, key), f"a waiver needs {_ARTICLES[key]}; this is empty"
        latest = day + timedelta(days=LONGEST_WAIVER_DAYS)
        if waiver.expires > latest:
            words = f"{waiver.expires} is more than {LONGEST_WAIVER_DAYS} days ahead"
            yield ("waiver", number, "expires"), f"{words}; the latest day is {latest}"
        yield from _value(number, waiver)
        if waiver.expires < day:
            continue  # what it was about may be gone with it
        for index, glob in enumerate(waiver.paths):
            if not any(matches(glob, path) for path in snapshot.entries):
                yield ("waiver", number, "paths", index), f"{glob} matches no file"


_ARTICLES = {"reason": "a reason", "issue": "an issue", "owner": "an owner"}


def _value(number: int, waiver: Waiver) -> Iterator[Mistake]:
    path: KeyPath = ("waiver", number, "value")
    if waiver.rule == "config-weakened":
        if waiver.value is None and not waiver.paths:
            yield path, "missing: name the key that may fall, or `paths`"
        elif waiver.value is not None and not isinstance(waiver.value, str):
            yield path, "expected the name of the key that may fall"
        return
    if waiver.value is not None and waiver.rule not in _NUMERIC:
        yield path, f"{waiver.rule} has no limit that a value could be"
    elif isinstance(waiver.value, str):
        yield path, "expected a number"
    elif waiver.value is None and waiver.rule in _NUMERIC & _WHOLE:
        yield path, f"missing: a waiver of {waiver.rule} names the limit that holds meanwhile"
    if waiver.paths and waiver.rule in _WHOLE:
        yield ("waiver", number, "paths"), f"{waiver.rule} is about the whole project"


def _contradictions(snapshot: Snapshot, settings: Settings, own: FailUnder) -> Iterator[Mistake]:
    target, floor = settings.coverage_target.target, settings.coverage_floor.floor
    if target is None and floor is None and not settings.phase:
        return
    yield from _of_pytest(snapshot, settings, own.percent)
    if not own.percent:
        return
    said = f"{own.place} = {own.percent:g}" if ":" in own.place else f"fail_under = {own.percent:g}"
    if target is not None and target != own.percent:
        words = f"{target:g} contradicts {said}; set one of them, or both alike"
        yield ("coverage-target", "target"), words
    if target is None and floor is not None and floor > own.percent:
        yield ("coverage-floor", "floor"), f"{floor:g} is above {said}"
    for number, phase in enumerate(settings.phase):
        if target is None and phase.target > own.percent:
            yield ("phase", number, "target"), f"{phase.target:g} is above {said}"


def _of_pytest(snapshot: Snapshot, settings: Settings, own: float) -> Iterator[Mistake]:
    """`--cov-fail-under` in pytest's settings goes before all others in a plain run of pytest."""
    from covgate.policy.pytest_args import percent
    from covgate.policy.pytest_config import resolve_pytest
    from covgate.policy.tree import Tree

    config = resolve_pytest(Tree(snapshot, strict=False))
    word, addopts = config.args.fail_under, config.options.get("addopts")
    given = percent(word) if word else None
    target = settings.coverage_target.target
    demanded = target if target is not None else own
    if word and addopts and given is not None and demanded and given != demanded:
        first = next(_judging(settings), ("coverage-target",))
        place = f"{addopts.path}:{word.line}"
        words = f"{demanded:g} contradicts {place}: --cov-fail-under = {given:g}"
        yield first, f"{words}; leave that option out"
