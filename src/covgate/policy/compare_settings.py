"""What became weaker in covgate's own table, read as it is written: numbers, levels, globs."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.config.globs import matches
from covgate.policy.compare_components import compare_components, general_limits
from covgate.policy.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from covgate.policy.tree import Tree

KeyPath = tuple[str | int, ...]

_HIGHER = re.compile(
    r"(?:^|-)(?:target|floor|fail-under|minimum|min|share|percent|verify)(?:$|-)(?!lines)"
)
_LOWER = re.compile(
    r"^(?:max-.*|min-lines|.*budget.*|.*slowest.*|.*allowance|.*tolerance|.*drop|slack|.*seconds)$"
)
_LEVELS = {"off": 0, "warning": 1, "error": 2}
_OVER_BUDGET = {"warn": 0, "hand-over": 1, "block": 2}
_GLOBS = {"exclude", "omit", "ignore", "inert"}
_IDENTITY = ("name", "paths", "date", "from", "by", "until")
_SHARED = {"target": ("coverage-target", "target")}
_HELP = "Put it back, or lower it for a while with a [[tool.covgate.waiver]]."


class Settings(NamedTuple):
    """The raw table, its file, and the line of each part of it."""

    table: Mapping[str, Any]
    path: str
    line: Callable[..., int]


class _Leaf(NamedTuple):
    value: Any
    where: KeyPath  # as written, for the line


def read_settings(tree: Tree) -> Settings | None:
    """Return the raw settings, None when the project has none."""
    for path in ("covgate.toml", "pyproject.toml"):
        document = tree.toml(path)
        if document is None:
            continue
        if path == "covgate.toml":
            return Settings(document.data, path, document.line)
        table = document.table("tool", "covgate")
        if table is not None:
            return Settings(table, path, partial(document.line, "tool", "covgate"))
    return _ini_settings(tree)


def _ini_settings(tree: Tree) -> Settings | None:
    text = tree.text("setup.cfg") or ""
    if "covgate" not in text:
        return None
    from covgate.config.ini import read_ini
    from covgate.errors import UsageError

    for root in ("covgate", "tool:covgate"):
        try:
            ini = read_ini("setup.cfg", text.replace("\r\n", "\n"), root)
        except UsageError:
            if tree.strict:
                raise
            ini = None
        if ini is not None:
            return Settings(ini.table, "setup.cfg", partial(_ini_line, ini.lines))
    return None


def _ini_line(lines: Mapping[KeyPath, int], *key: str | int) -> int:
    return lines.get(key, 1)


def compare_settings(before: Tree, after: Tree, *, in_use: bool) -> Iterator[Weakening]:
    """Yield each key that got weaker, keys that are gone against their defaults.

    A project without settings has the defaults where covgate is in use.
    """
    was, is_ = read_settings(before), read_settings(after)
    if was is None and in_use and is_ is not None:
        was = is_._replace(table={})
    if was is None:
        return
    defaults = _defaults()
    old = {**defaults, **_flatten(was.table)}
    new = {**defaults, **(_flatten(is_.table) if is_ else {})}
    for key in sorted(set(old) | set(new), key=str):
        reason = _weaker(key, old.get(key) or _general(key, old, new), new.get(key), after)
        if reason:
            yield _found(_Fall(key, old.get(key), new.get(key)), reason, was, is_)
    general = general_limits({key: leaf.value for key, leaf in old.items()})
    yield from compare_components(was, is_, general, after)
    yield from _phases(was, is_)


def _general(
    key: tuple[str, ...], old: Mapping[tuple[str, ...], _Leaf], new: Mapping[tuple[str, ...], _Leaf]
) -> _Leaf | None:
    """Return what held for the paths of a new entry of a list until now."""
    if len(key) < 3 or key not in new:
        return None
    wider = (*key[:-3], key[-1]) if len(key) > 3 else _SHARED.get(key[-1], ())
    return old.get(wider) if _HIGHER.search(key[-1]) else None


class _Fall(NamedTuple):
    """A key that got weaker: its value before and now."""

    key: tuple[str, ...]
    old: _Leaf | None
    new: _Leaf | None


def _found(fall: _Fall, reason: str, was: Settings, is_: Settings | None) -> Weakening:
    name = ".".join(fall.key)
    shown, leaf = (is_, fall.new) if is_ and fall.new and fall.new.where else (was, fall.old)
    line = shown.line(*(leaf.where if leaf else ()))
    return Weakening(f"covgate.{name}", f"`{name}` of covgate {reason}", shown.path, line, _HELP)


def _flatten(
    table: Mapping[str, Any], key: tuple[str, ...] = (), where: KeyPath = ()
) -> dict[tuple[str, ...], _Leaf]:
    found: dict[tuple[str, ...], _Leaf] = {}
    for raw, value in table.items():
        name = raw.replace("_", "-")
        if not key and name in {"waiver", "phase", "phases", "component"}:
            continue
        here: KeyPath = (*where, raw)
        if isinstance(value, dict):
            found |= _flatten(value, (*key, name), here)
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            for i, item in enumerate(value):
                found |= _flatten(item, (*key, name, _identity(item, i)), (*here, i))
        else:
            found[*key, name] = _Leaf(value, here)
    return found


def _identity(item: Mapping[str, Any], index: int) -> str:
    for key in _IDENTITY:
        if key in item:
            value = item[key]
            return ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return str(index)


def _defaults() -> dict[tuple[str, ...], _Leaf]:
    from dataclasses import fields, is_dataclass

    from covgate.config import model

    def flatten(value: Any, key: tuple[str, ...]) -> dict[tuple[str, ...], _Leaf]:
        found: dict[tuple[str, ...], _Leaf] = {}
        for field in fields(value):
            inner, name = getattr(value, field.name), field.name.replace("_", "-")
            if is_dataclass(inner):
                found |= flatten(inner, (*key, name))
            else:
                found[*key, name] = _Leaf(inner, ())
        return found

    return flatten(model.Settings(), ())


def _weaker(key: tuple[str, ...], old: _Leaf | None, new: _Leaf | None, tree: Tree) -> str:
    """Say how a value got weaker, "" when it did not."""
    name = key[-1]
    was, is_ = old.value if old else None, new.value if new else None
    if name == "level" or key[-1] in {"severity"}:
        return _level(was, is_)
    if name == "when-over-budget":
        return _over_budget(was, is_)
    if name == "budget":
        return ""  # how long people wait for an answer; without one nothing passes
    if _LOWER.match(name):
        return _number(is_, was, was, is_)
    if _HIGHER.search(name):
        return _number(was, is_, was, is_)
    if name in _GLOBS:
        return _globs(was or (), is_ or (), tree)
    if name == "test-paths" and is_ and list(is_) != list(was or ()):
        return _paths(was or (), is_, tree)
    if name == "pytest-args":
        return _arguments(was or (), is_ or (), tree)
    if name == "issue-pattern":
        return _pattern(str(was or ""), str(is_ or ""))
    if name == "assert-helpers":
        return _helpers(was or (), is_ or ())
    if isinstance(was, bool) and was and is_ in {False, None} and name not in {"progress"}:
        return "is off (was on)"
    return ""


def _level(was: Any, is_: Any) -> str:
    before, after = _LEVELS.get(str(was), 2), _LEVELS.get(str(is_), 2)
    return f'fell from "{was}" to "{is_}"' if after < before else ""


def _over_budget(was: Any, is_: Any) -> str:
    before, after = (_OVER_BUDGET.get(str(value), 2) for value in (was, is_))
    return f'fell from "{was or "block"}" to "{is_}"' if after < before else ""


def _number(stricter: Any, laxer: Any, was: Any, is_: Any) -> str:
    """Say that a number moved to the lax side; `stricter` must not exceed `laxer` otherwise."""
    if isinstance(was, bool) or not isinstance(was, (int, float, str)):
        return ""
    if is_ is None:
        return f"is gone (was {was})"
    try:
        moved = _as_number(stricter) > _as_number(laxer)
    except ValueError:
        return ""
    return f"went from {was} to {is_}" if moved else ""


# Reasons that name no issue: a pattern that takes one of them asks for less.
_REASONS = ("", "flaky", "does not work on Windows", "to do", "see above", "x", "1", "#")


def _pattern(was: str, is_: str) -> str:
    """Say that reasons pass a pattern that did not pass the one before."""
    if not was or was == is_:
        return ""
    if not is_:
        return f"is gone (was `{was}`)"
    try:
        more = [r for r in _REASONS if re.search(is_, r) and not re.search(was, r)]
    except re.error:
        return ""  # told with the mistakes in the settings
    return f"went from `{was}` to `{is_}`, which takes a reason such as {more[0]!r}" if more else ""


def _helpers(was: Any, is_: Any) -> str:
    """Say that Python's own functions shall count as assertions."""
    import builtins

    names = (str(name) for name in (is_ if isinstance(is_, (list, tuple)) else [is_]))
    new = [name for name in names if name not in was and hasattr(builtins, name)]
    return f"has new {', '.join(f'`{name}`' for name in new)}, which asserts nothing" if new else ""


_UNITS = {"": 1, "%": 1, "ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600}


def _as_number(value: Any) -> float:
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value).strip()
    if not re.fullmatch(r"(?:\d+(?:\.\d+)?\s*(?:%|ms|min|s|m|h|)\s*)+", text):
        raise ValueError(value)
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*(%|ms|min|s|m|h|)", text)
    return sum(float(amount) * _UNITS[unit] for amount, unit in parts)


def _globs(was: Any, is_: Any, tree: Tree) -> str:
    from covgate.policy.measured import is_test_file

    new = [glob for glob in is_ if glob not in was]
    if not new:
        return ""
    lost = sorted(
        path
        for path in tree.paths
        if path.endswith(".py")
        and not is_test_file(path)
        and _named(path, new)
        and not (was and _named(path, was))
    )
    names = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
    return (
        f"has new {', '.join(f'`{glob}`' for glob in new)}: {names} no longer counted"
        if lost
        else ""
    )


def _named(path: str, globs: Any) -> bool:
    return any(matches(str(glob), path) for glob in globs)


def _paths(was: Any, is_: Any, tree: Tree) -> str:
    from covgate.policy.collected import within

    def tests(folders: Any) -> set[str]:
        return {
            p
            for p in tree.paths
            if p.endswith(".py")
            and (not folders or any(within(p, str(f).rstrip("/")) for f in folders))
        }

    from covgate.policy.measured import is_test_file

    lost = sorted(
        p
        for p in tests(was) - tests(is_)
        if is_test_file(p) and not p.endswith(("__init__.py", "conftest.py"))
    )
    return f"leaves tests out: {', '.join(lost[:5])}" if lost else ""


def _arguments(was: Any, is_: Any, tree: Tree) -> str:
    from covgate.policy.expressions import lets_through
    from covgate.policy.option import Word
    from covgate.policy.pytest_args import parse_args

    old, new = (parse_args([Word(str(text), 0) for text in words]) for words in (was, is_))
    for a, b in ((new.keyword, old.keyword), (new.markers, old.markers)):
        if not lets_through(a.text if a else "", b.text if b else ""):
            return f"leaves tests out: `{a.text if a else ''}`"
    for gathered in ("deselected", "ignored", "ignored_globs"):
        more = {w.text for w in getattr(new, gathered)} - {w.text for w in getattr(old, gathered)}
        if more:
            return f"leaves tests out: {', '.join(sorted(more))}"
    if (new.collect_only and not old.collect_only) or (new.subset and not old.subset):
        return "leaves tests out"
    if new.paths and not {w.text for w in old.paths} <= {w.text for w in new.paths}:
        return f"names other tests: {', '.join(w.text for w in new.paths)}"
    if new.paths and not old.paths:
        return f"runs only {', '.join(w.text for w in new.paths)}"
    if new.config_file and new.config_file != old.config_file:
        from covgate.policy.compare_pytest import compare_pytest
        from covgate.policy.pytest_config import resolve_pytest

        before = resolve_pytest(tree, old.config_file.text if old.config_file else None)
        after = resolve_pytest(tree, new.config_file.text)
        losses = [w.message for w in compare_pytest(before, after, tree, tree.paths)]
        return f"takes {new.config_file.text}: {'; '.join(losses)}" if losses else ""
    return ""


def _phases(was: Settings, is_: Settings | None) -> Iterator[Weakening]:
    """A phase may not be dropped, put off or lowered: at each date at least as much is due."""
    old, new = _due(was), _due(is_) if is_ else []
    for date, target, where in old:
        now = max((t for d, t, _ in new if d <= date), default=0.0)
        if now < target:
            settings = is_ or was
            place = next((w for d, _, w in new if d == date), new[0][2] if new else None)
            shown = settings if place else was
            line = shown.line(*(place or where))
            message = f"the phase of {date} fell from {target:g} % to {now:g} %"
            yield Weakening(f"covgate.phase.{date}", message, shown.path, line, _HELP)


def _due(settings: Settings) -> list[tuple[str, float, KeyPath]]:
    found: list[tuple[str, float, KeyPath]] = []
    for key in ("phase", "phases"):
        entries = settings.table.get(key)
        for i, item in enumerate(entries if isinstance(entries, list) else ()):
            date = next((item[k] for k in ("date", "from", "by", "until", "on") if k in item), None)
            target = next((item[k] for k in ("target", "total", "percent") if k in item), None)
            if date is not None and isinstance(target, (int, float)):
                found.append((str(date), float(target), (key, i)))
    return found
