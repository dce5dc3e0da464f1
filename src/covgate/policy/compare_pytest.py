"""What became weaker in the configuration of pytest: tests that a plain run leaves out."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import TYPE_CHECKING

from covgate.policy.collected import collected_files, within
from covgate.policy.expressions import lets_through
from covgate.policy.measured import is_test_file, measured_files, production_files
from covgate.policy.pytest_args import parse_args
from covgate.policy.pytest_config import PytestConfig, split_words
from covgate.policy.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.policy.coverage_config import CoverageConfig
    from covgate.policy.option import Word
    from covgate.policy.tree import Tree

_COLLECTING = ("testpaths", "python_files", "norecursedirs", "addopts")
_HELP = "Let a plain `pytest` run these tests, or say in a waiver why it must not."
_DEFINITION = re.compile(r"^(\s*)(?:async\s+)?(def|class)\s+(\w+)", re.MULTILINE)


def compare_pytest(
    before: PytestConfig, after: PytestConfig, tree: Tree, known: frozenset[str]
) -> Iterator[Weakening]:
    """Yield what a plain run no longer does; `known` are the files of the base."""
    yield from _files(before, after, tree)
    yield from _filters(before, after, tree, known)
    yield from _names(before, after, tree)
    if before.strict_xfail and not after.strict_xfail:
        path, line = _place(before, after, "xfail_strict", "strict_xfail", "strict")
        message = "`xfail_strict` is off: tests that are marked as failing may pass unnoticed"
        yield Weakening("pytest.xfail_strict", message, path, line, "Keep it on.")
    yield from _leniency(before, after)


def _leniency(before: PytestConfig, after: PytestConfig) -> Iterator[Weakening]:
    """Yield settings that made tests fail which pass now."""
    if _warnings_fail(before) and not _warnings_fail(after):
        path, line = _place(before, after, "filterwarnings", "addopts")
        message = "warnings no longer fail tests: `error` is gone from `filterwarnings`"
        yield Weakening("pytest.filterwarnings", message, path, line, "Let single warnings pass.")
    mark = "empty_parameter_set_mark"
    if "fail_at_collect" in before.texts(mark) and "fail_at_collect" not in after.texts(mark):
        path, line = _place(before, after, mark)
        message = f"`{mark}` is no longer `fail_at_collect`: tests without parameters are skipped"
        yield Weakening(f"pytest.{mark}", message, path, line, "Keep it.")


def _warnings_fail(config: PytestConfig) -> bool:
    option, addopts = config.options.get("filterwarnings"), config.options.get("addopts")
    lines = option.text.split("\n") if option and not option.is_list else ()
    items = option.words if option else ()
    given = [word.text for word in split_words(addopts)] if addopts else []
    return (
        "error" in {line.strip() for line in lines} | {item.text.strip() for item in items}
        or "-Werror" in given
        or ("-W", "error") in pairwise(given)
    )


def compare_measuring(
    before: PytestConfig, after: PytestConfig, coverage: CoverageConfig, tree: Tree
) -> Iterator[Weakening]:
    """Yield what `addopts` no longer measures."""
    old, new = before.args, after.args
    path, line = _place(before, after, "addopts")
    if old.measures and not new.measures:
        if new.no_cov is not None:
            line = new.no_cov.line
            message = f"`{new.no_cov.text}` switches the measuring of coverage off"
        else:
            message = "`--cov` is gone: a plain `pytest` measures no coverage"
        yield Weakening("pytest.cov", message, path, line, "Let pytest measure coverage.")
    elif old.measures and all(w.text for w in old.cov) and all(w.text for w in new.cov):
        files = production_files(tree)
        lost = measured_files(files, coverage, [w.text for w in old.cov]) - measured_files(
            files, coverage, [w.text for w in new.cov]
        )
        from covgate.policy.compare_coverage import describe
        from covgate.policy.measured import loss_of

        if loss := loss_of(tree, lost):
            line = new.cov[0].line
            message = f"`--cov` is narrower: {describe(loss)}"
            yield Weakening("pytest.cov", message, path, line, files=loss.files)
    if old.cov_branch and not new.cov_branch and not coverage.branch:
        message = "branch coverage is off: `--cov-branch` is gone"
        yield Weakening("coverage.branch", message, path, line, "Keep it.")


def _place(before: PytestConfig, after: PytestConfig, *names: str) -> tuple[str, int]:
    for config in (after, before):
        for name in names:
            if option := config.options.get(name):
                return option.path, option.line
    return after.path or before.path or "", 1


def _files(before: PytestConfig, after: PytestConfig, tree: Tree) -> Iterator[Weakening]:
    lost = collected_files(tree.paths, before) - collected_files(tree.paths, after)
    if not lost:
        return
    for name in _COLLECTING:
        if _text(before, name) == _text(after, name):
            continue
        variant = _with(before, after, name)
        mine = lost - collected_files(tree.paths, variant)
        lost -= mine
        if mine:
            yield _left_out(before, after, name, sorted(mine))
    if lost:  # only several options together lose them
        name = next((n for n in _COLLECTING if _text(before, n) != _text(after, n)), "addopts")
        yield _left_out(before, after, name, sorted(lost))


def _text(config: PytestConfig, name: str) -> str | None:
    return " ".join(config.texts(name)) if name in config.options else None


def _with(before: PytestConfig, after: PytestConfig, name: str) -> PytestConfig:
    """Return `before` with one option as it is in `after`."""
    options = {key: value for key, value in before.options.items() if key != name}
    if name in after.options:
        options[name] = after.options[name]
    addopts = options.get("addopts")
    args = parse_args(split_words(addopts)) if addopts else parse_args(())
    return PytestConfig(before.path, options, args)


def _left_out(before: PytestConfig, after: PytestConfig, name: str, lost: list[str]) -> Weakening:
    path, line = _place(before, after, name)
    what = f"`{name}`"
    if name == "addopts":
        new = (*after.args.ignored, *after.args.ignored_globs, *after.args.paths)
        word = next((w for w in new if _causes(w, lost[0])), None)
        if word is not None:
            what, line = f"`{word.text}` in `addopts`", word.line
    names = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
    message = f"{what} leaves tests out: {names}"
    return Weakening(f"pytest.{name}", message, path, line, _HELP, files=tuple(lost))


def _causes(word: Word, path: str) -> bool:
    return within(path, word.text.rstrip("/")) or fnmatchcase(path, word.text)


def _only_new(expression: str, tree: Tree, known: frozenset[str]) -> bool:
    """Return whether only new test files have the names that an expression speaks of."""
    names = set(re.findall(r"\w+", expression)) - {"and", "or", "not"}
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b")
    named = [
        path
        for path in tree.paths
        if path.endswith(".py") and is_test_file(path) and pattern.search(tree.text(path) or "")
    ]
    return bool(named) and known.isdisjoint(named)


def _filters(
    before: PytestConfig, after: PytestConfig, tree: Tree, known: frozenset[str]
) -> Iterator[Weakening]:
    old, new = before.args, after.args
    path, _ = _place(before, after, "addopts")
    pairs = (("-k", old.keyword, new.keyword), ("-m", old.markers, new.markers))
    for option, was, is_ in pairs:
        if is_ is None or lets_through(is_.text, was.text if was else ""):
            continue
        if (
            was is not None
            or not is_.text.startswith("not ")
            or not _only_new(is_.text, tree, known)
        ):
            message = f"`{option} {is_.text}` in `addopts` leaves tests out"
            yield Weakening("pytest.addopts", message, path, is_.line, _HELP)
    deselected = {word.text for word in old.deselected}
    for word in new.deselected:
        if word.text not in deselected and word.text.split("::")[0].rstrip("/") in _existing(tree):
            message = f"`--deselect {word.text}` in `addopts` leaves tests out"
            yield Weakening("pytest.addopts", message, path, word.line, _HELP)
    for was, is_ in (
        (old.collect_only, new.collect_only),
        (old.subset, new.subset),
        (old.never_fails, new.never_fails),
    ):
        if is_ is not None and was is None:
            message = f"`{is_.text}` in `addopts` keeps tests from blocking"
            yield Weakening("pytest.addopts", message, path, is_.line, _HELP)
    if old.doctest_modules and not new.doctest_modules:
        path, line = _place(before, after, "addopts")
        message = "`--doctest-modules` is gone: the doctests no longer run"
        yield Weakening("pytest.addopts", message, path, line, _HELP)


def _existing(tree: Tree) -> set[str]:
    folders = {path[:i] for path in tree.paths for i, char in enumerate(path) if char == "/"}
    return folders | set(tree.paths)


def _names(before: PytestConfig, after: PytestConfig, tree: Tree) -> Iterator[Weakening]:
    for option, keyword, default in (
        ("python_functions", "def", "test"),
        ("python_classes", "class", "Test"),
    ):
        old, new = before.texts(option, (default,)), after.texts(option, (default,))
        if old == new:
            continue
        lost = [
            f"{path}::{match[3]}"
            for path in sorted(collected_files(tree.paths, after))
            for match in _DEFINITION.finditer(tree.text(path) or "")
            if match[2] == keyword and _named(match[3], old) and not _named(match[3], new)
        ]
        if lost:
            yield _left_out(before, after, option, lost)


def _named(name: str, patterns: tuple[str, ...]) -> bool:
    return any(name.startswith(pattern) or fnmatchcase(name, pattern) for pattern in patterns)
