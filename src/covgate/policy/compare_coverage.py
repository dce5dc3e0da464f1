"""What became weaker in the configuration of coverage.py: settings, files and statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from covgate.errors import UsageError
from covgate.policy.measured import (
    Loss,
    configured_sources,
    loss_of,
    matches,
    measured_files,
    packaged_files,
    production_files,
    refusal,
    statements_of,
)
from covgate.policy.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from covgate.policy.coverage_config import CoverageConfig
    from covgate.policy.option import Word
    from covgate.policy.tree import Tree

_OMITS = ("run:omit", "report:omit")
_INCLUDES = ("run:include", "report:include")
_SOURCES = ("run:source", "run:source_pkgs", "run:source_dirs")
_PARTIAL = ("report:partial_branches", "report:partial_also", "report:partial_branches_always")


class _Pair(NamedTuple):
    before: CoverageConfig
    after: CoverageConfig
    tree: Tree


def compare_coverage(
    before: CoverageConfig, after: CoverageConfig, tree: Tree
) -> Iterator[Weakening]:
    """Yield what got weaker, thresholds apart; the files are those of `tree`, the target."""
    check_regexes(after)
    pair = _Pair(before, after, tree)
    yield from _switches(pair)
    if any(before.texts(n) != after.texts(n) for n in (*_OMITS, *_INCLUDES, *_SOURCES)):
        yield from _scope(pair)
    old, new = exclusions(before), exclusions(after)
    if old != new:
        yield from _exclusions(pair, old)
    yield from _partials(pair)


def place(pair_before: CoverageConfig, pair_after: CoverageConfig, name: str) -> tuple[str, int]:
    """Return where an option stands: in the target, else where it stood in the base."""
    for config in (pair_after, pair_before):
        if option := config.options.get(name):
            return option.path, option.line
    return pair_after.path or pair_before.path or "", 1


def _switches(pair: _Pair) -> Iterator[Weakening]:
    before, after, _ = pair
    if before.branch and not after.branch:
        path, line = place(before, after, "run:branch")
        message = "branch coverage is off: the branches that no test takes leave the count"
        yield Weakening("coverage.branch", message, path, line, "Keep `branch = true`.")
    if after.flag("report:ignore_errors") and not before.flag("report:ignore_errors"):
        path, line = place(before, after, "report:ignore_errors")
        message = "`ignore_errors` leaves out files that coverage cannot read"
        yield Weakening("coverage.ignore_errors", message, path, line, "Repair those files.")


def _scope(pair: _Pair) -> Iterator[Weakening]:
    """Yield what the options that choose files lose, each with its own files."""
    before, after, tree = pair
    had, has = configured_sources(before), configured_sources(after)
    files = production_files(tree) if had or not has else packaged_files(tree)
    lost = measured_files(files, before) - measured_files(files, after)
    for name in _OMITS:
        old = set(before.texts(name))
        for word in after.words(name):
            mine = [path for path in lost if word.text not in old and matches(path, [word.text])]
            lost -= set(mine)
            cause = _Cause(_key(name), f"`omit` has new `{word.text}`", word.line)
            yield from _lost(tree, cause, after.options[name].path, mine)
    for name in _INCLUDES:
        patterns = after.texts(name)
        if patterns and not (name == "run:include" and has):
            mine = [path for path in lost if not matches(path, patterns)]
            lost -= set(mine)
            path, line = place(before, after, name)
            yield from _lost(tree, _Cause(_key(name), "`include` is narrower", line), path, mine)
    name = next((n for n in _SOURCES if n in after.options), "run:source")
    path, line = place(before, after, name)
    yield from _lost(tree, _Cause("coverage.source", "`source` is narrower", line), path, lost)
    if had and not has and not after.texts("run:include"):
        yield from _without_source(pair)


def _without_source(pair: _Pair) -> Iterator[Weakening]:
    before, after, tree = pair
    name = next((n for n in _SOURCES if n in before.options), "run:source")
    path, line = place(before, after, name)
    what = "without `source`, whatever no test imports is not counted"
    mine = measured_files(packaged_files(tree), before)
    yield from _lost(tree, _Cause("coverage.source", what, line), path, mine, verb="may leave")


class _Cause(NamedTuple):
    """What loses files: its key, in words, and its line."""

    key: str
    what: str
    line: int


def _key(name: str) -> str:
    return "coverage." + name.removeprefix("run:").replace("report:", "report.")


def _lost(
    tree: Tree, cause: _Cause, path: str, files: Iterable[str], verb: str = "leave"
) -> Iterator[Weakening]:
    loss = loss_of(tree, files)
    if loss:
        message = f"{cause.what}: {describe(loss, verb)}"
        remedy = "Measure these files, or say in a waiver why they need no tests."
        yield Weakening(cause.key, message, path, cause.line, remedy, files=loss.files)


def describe(loss: Loss, verb: str = "leave") -> str:
    """Return a loss in words."""
    count = len(loss.files)
    names = ", ".join(loss.files[:5]) + (f" and {count - 5} more" if count > 5 else "")
    statements = "1 statement" if loss.statements == 1 else f"{loss.statements} statements"
    if verb == "leave" and count == 1:
        verb = "leaves"
    return f"{names} ({statements}) {verb} the count"


def exclusions(config: CoverageConfig) -> tuple[str, ...]:
    """Return the regular expressions of excluded lines that are in effect."""
    return tuple(word.text for word in _exclusion_words(config))


def _exclusion_words(config: CoverageConfig) -> tuple[Word, ...]:
    from covgate.policy.option import Word

    found: tuple[Word, ...] = ()
    if "report:exclude_lines" in config.options:
        found = config.words("report:exclude_lines", "")
    else:
        from coverage.config import DEFAULT_EXCLUDE

        found = tuple(Word(text, 0) for text in DEFAULT_EXCLUDE)
    return (*found, *config.words("report:exclude_also", ""))


def check_regexes(config: CoverageConfig) -> None:
    """Raise UsageError for an expression or a glob that coverage would refuse as well."""
    for name in ("run:omit", "run:include", "report:omit", "report:include"):
        for word in config.words(name):
            if why := refusal(word.text):
                option = name.partition(":")[2]
                raise UsageError(
                    f"{config.path}:{word.line}: `{option}` has an invalid pattern: {why}",
                    help="coverage refuses it as well: repair it.",
                )
    for name in ("report:exclude_lines", "report:exclude_also", *_PARTIAL):
        for word in config.words(name, ""):
            try:
                re.compile(word.text)
            except re.error as error:
                option = name.partition(":")[2]
                raise UsageError(
                    f"{config.path}:{word.line}: `{option}` has an invalid regular expression "
                    f"{word.text!r}: {error}",
                    help="coverage refuses it as well: repair it.",
                ) from error


def _exclusions(pair: _Pair, old: Sequence[str]) -> Iterator[Weakening]:
    _, after, tree = pair
    known = list(old)
    files = sorted(measured_files(production_files(tree), after))
    for word in _exclusion_words(after):
        if word.text in known:
            continue
        gone = {path: _newly_excluded(tree, path, known, word.text) for path in files}
        known.append(word.text)
        loss = Loss(tuple(path for path in files if gone[path]), sum(gone.values()))
        if loss:
            names = ("report:exclude_also", "report:exclude_lines")
            name = next(n for n in names if word in after.words(n, ""))
            message = f"`{name.partition(':')[2]}` has new `{word.text}`: {describe(loss)}"
            remedy = "Exclude single lines with a reason, or test them."
            path = after.options[name].path
            yield Weakening("coverage.exclude", message, path, word.line, remedy, files=loss.files)


def _newly_excluded(tree: Tree, path: str, known: Sequence[str], expression: str) -> int:
    """Return how many statements of a file one more expression takes out."""
    if not re.search(expression, tree.text(path) or "", re.MULTILINE):
        return 0
    return len(statements_of(tree, path, known) - statements_of(tree, path, [*known, expression]))


def _partials(pair: _Pair) -> Iterator[Weakening]:
    before, after, tree = pair
    if not after.branch:
        return
    for name in _PARTIAL:
        old = set(before.texts(name, ""))
        for word in after.words(name, ""):
            if word.text in old or word.text.startswith(("#", r"^\s*while (True", r"^\s*if (True")):
                continue
            files = [
                path
                for path in sorted(measured_files(production_files(tree), after))
                if re.search(word.text, tree.text(path) or "", re.MULTILINE)
            ]
            if files:
                what = f"branches in {', '.join(files[:5])} leave the count"
                message = f"`{name.partition(':')[2]}` has new `{word.text}`: {what}"
                path = after.options[name].path
                yield Weakening("coverage.partial", message, path, word.line, files=tuple(files))
