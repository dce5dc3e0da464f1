"""The rule `config-weakened`: nobody lowers the gate in passing.

Compares the effective configuration of coverage, pytest, covgate, hooks and CI in the base with
that in the target, and looks for new exclusion comments that give no reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covgate.errors import UsageError
from covgate.policy.tree import Tree
from covgate.rules.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from covgate.change.model import Change, FileChange
    from covgate.config.model import Simple
    from covgate.policy.weakening import Weakening

CODE = "config-weakened"
_CONFIG = re.compile(
    r"(?:[^/]*\.(?:toml|cfg|ini|rc|ya?ml|properties|sh|bash|mk)|\.coveragerc[^/]*|noxfile\.py"
    r"|(?:.*/)?conftest\.py"
    r"|(?:GNUm|m|M)akefile|\.?[jJ]ustfile|(?:\.github|\.gitlab|\.circleci|\.woodpecker|\.?ci|dev)/.*\.ya?ml"
    r"|(?:scripts?|bin|\.?ci|tools?)/[^/]*\.(?:sh|bash|toml|cfg|ini|rc)"
    r"|(?:\.husky|\.?githooks|hooks)/[^/]*)"
)
_PRAGMA = re.compile(rb"pragma|no.?cov", re.IGNORECASE)


def find(
    change: Change, settings: Simple, allowed: Callable[[Weakening], bool] | None = None
) -> list[Finding]:
    """Return a finding for everything that got weaker against every base.

    `allowed` replaces the test whether a waiver permits a weakening; without it the live waivers
    of the target tree count. Raises UsageError when a TOML or INI file of the target is broken.
    """
    settings = _in_force(change, settings)
    if settings.level == "off":
        return []
    config = [
        f for f in change.files if is_config(f.path) or (f.old_path and is_config(f.old_path))
    ]
    python = [f for f in change.files if f.path.endswith((".py", ".pyi"))]
    if not config and not python:
        return []
    after = Tree(change.target, strict=True)
    found: list[Weakening] = []
    bases = [Tree(snapshot, strict=False) for snapshot in change.before]
    if config and all(base.paths for base in bases):
        from covgate.policy.compare import weakenings

        found += _common([weakenings(base, after) for base in bases])
    if python:
        found += _pragmas(python, bases, after)
        found += _hidden(python, after)
    if not found:
        return []
    allowed = allowed or _waived(after)
    return [_finding(w, settings) for w in found if not allowed(w)]


def find_pragmas(change: Change, settings: Simple) -> list[Finding]:
    """Return only the findings about exclusion comments that are added without a reason."""
    python = [f for f in change.files if f.path.endswith((".py", ".pyi"))]
    settings = _in_force(change, settings)
    if settings.level == "off" or not python:
        return []
    after = Tree(change.target, strict=True)
    found = _pragmas(python, [Tree(snapshot, strict=False) for snapshot in change.before], after)
    allowed = _waived(after)
    return [_finding(w, settings) for w in found if not allowed(w)]


def _in_force(change: Change, settings: Simple) -> Simple:
    """Return the level by which a change is judged: it must not lower its own judge.

    The bases' level holds where it is stricter; a project that has no settings yet has none.
    """
    if settings.level == "error" or not any(is_config(file.path) for file in change.files):
        return settings
    from dataclasses import replace

    from covgate.policy.compare_settings import read_settings

    order = ("off", "warning", "error")
    levels = []
    for snapshot in change.before:
        known = read_settings(Tree(snapshot, strict=False))
        rule = known.table.get(CODE) if known else None
        said = rule.get("level", "error") if isinstance(rule, dict) else rule or "error"
        levels.append(str(said) if known and said in order else "off")
    least = min(levels, key=order.index, default="off")
    if order.index(least) <= order.index(settings.level):
        return settings
    return replace(settings, level="error" if least == "error" else "warning")


def is_config(path: str) -> bool:
    """Return whether a file may configure a gate of this repository (not of a vendored one)."""
    return _CONFIG.fullmatch(path) is not None


def _common(per_base: list[list[Weakening]]) -> list[Weakening]:
    """Return what is weaker than in every base: a merge may take what one parent has."""
    first, *others = per_base
    return [
        weakening
        for weakening in first
        if all(any(_same(weakening, other) for other in found) for found in others)
    ]


def _same(weakening: Weakening, other: Weakening) -> bool:
    return (weakening.key, weakening.path) == (other.key, other.path)


def _pragmas(files: list[FileChange], bases: list[Tree], after: Tree) -> list[Weakening]:
    patterns, others = _patterns(after)
    texts = [after.snapshot.read(f.path) or b"" for f in files if f.status != "deleted"]
    if not any(_PRAGMA.search(text) for text in texts) and len(patterns) == 1:
        return []
    from covgate.policy.compare_pragmas import added_pragmas, lines_of
    from covgate.policy.weakening import Weakening

    added = [added_pragmas(files, base, after, patterns, others) for base in bases]
    places = [lines_of(pragmas) for pragmas in added[1:]]
    return [
        Weakening(
            "pragma",
            f"`{pragma.comment}` takes {_what(pragma.rank)} out of the count without a reason",
            pragma.path,
            pragma.line,
            f"Say why after it, e.g. `{pragma.comment} - only on Windows`, or test it.",
        )
        for pragma in (added[0] if added else [])
        if all((pragma.path, pragma.line) in known for known in places)
    ]


def _hidden(files: list[FileChange], after: Tree) -> list[Weakening]:
    """Return a warning for each module that was moved to where `omit` leaves it out."""
    from covgate.policy.weakening import Weakening

    moved = [f for f in files if f.status == "renamed" and f.old_path and f.old_path != f.path]
    if not moved:
        return []
    from covgate.policy.coverage_config import resolve_coverage
    from covgate.policy.measured import is_test_file, matches

    config = resolve_coverage(after)
    omit = [*config.texts("run:omit"), *config.texts("report:omit")]
    return [
        Weakening(
            "coverage.omit",
            f"moved from {f.old_path} to where `omit` leaves it out of the count",
            f.path,
            1,
            "Move it elsewhere, or narrow `omit`.",
            "warning",
            (f.path,),
        )
        for f in moved
        if omit and f.old_path and not is_test_file(f.old_path)
        and matches(f.path, omit) and not matches(f.old_path, omit)
    ]  # fmt: skip


def _what(rank: int) -> str:
    return ("a line", "a block", "a whole function", "a whole class")[rank]


def _patterns(after: Tree) -> tuple[list[str], list[str]]:
    """Return the expressions that exclude lines by a comment, and those that do by the code."""
    from covgate.policy.coverage_config import FILES, resolve_coverage
    from covgate.policy.pragmas import DEFAULT

    texts = [after.text(path) or "" for path in FILES if path in after.paths]
    if not any("exclude_" in text for text in texts):
        return [DEFAULT], []
    from covgate.policy.compare_coverage import check_regexes

    config = resolve_coverage(Tree(after.snapshot, strict=False, placed=False))
    try:
        check_regexes(config)
    except UsageError:
        check_regexes(resolve_coverage(after))  # once more, to say where
    words = (*config.texts("report:exclude_lines", ""), *config.texts("report:exclude_also", ""))
    own = [word for word in words if "#" in word or re.search(r"pragma|no.?cov", word, re.I)]
    others = [word for word in words if word not in own]
    if "report:exclude_lines" not in config.options:
        own.append(DEFAULT)
    return list(dict.fromkeys(own)), others


def _waived(after: Tree) -> Callable[[Weakening], bool]:
    import os

    from covgate.coverage.today import today
    from covgate.policy.waivers import live_waivers

    return live_waivers(after, today(os.environ))


def _finding(weakening: Weakening, settings: Simple) -> Finding:
    severity = weakening.severity if settings.level == "error" else "warning"
    return Finding(
        CODE,
        weakening.message,
        weakening.path,
        weakening.line,
        weakening.end_line,
        weakening.help,
        severity,
    )
