"""What the arguments of a pytest command line do to tests and coverage."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from covgate.policy.option import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

# Options whose value may be the next word; of the others, such a word is a path.
_VALUED = {
    "-k", "-m", "-n", "-o", "-p", "-r", "-W", "-c", "--deselect", "--ignore", "--ignore-glob",
    "--cov-fail-under", "--cov-config", "--cov-report", "--cov-context", "--cov-precision",
    "--config-file", "--override-ini", "--rootdir", "--confcutdir", "--maxfail", "--tb",
    "--junitxml", "--junit-xml", "--durations", "--timeout", "--dist", "--numprocesses", "--color",
    "--log-level", "--log-cli-level", "--log-file", "--basetemp", "--import-mode", "--capture",
    "--reruns", "--doctest-glob", "--splits", "--group", "--asyncio-mode", "--keyword",
}  # fmt: skip
_SHORT_VALUED = "kmnoprWc"
_LOOKS_LIKE_PATH = re.compile(r"[/\\]|\.py\b|::")
_COV_PLUGINS = {"no:cov", "no:pytest_cov", "no:pytest-cov"}


@dataclass(frozen=True)
class PytestArgs:
    """The effective options; every word that matters keeps its place."""

    cov: tuple[Word, ...] = ()  # values of --cov, "" for the bare option
    no_cov: Word | None = None
    cov_branch: bool = False
    fail_under: Word | None = None
    cov_config: Word | None = None
    config_file: Word | None = None
    keyword: Word | None = None
    markers: Word | None = None
    deselected: tuple[Word, ...] = ()
    ignored: tuple[Word, ...] = ()
    ignored_globs: tuple[Word, ...] = ()
    paths: tuple[Word, ...] = ()
    overrides: tuple[Word, ...] = ()
    collect_only: Word | None = None
    doctest_modules: bool = False
    subset: Word | None = None  # an option that runs only some tests, such as --last-failed
    never_fails: Word | None = None

    @property
    def measures(self) -> bool:
        """Whether pytest-cov measures anything."""
        return bool(self.cov) and self.no_cov is None


def parse_args(words: Sequence[Word], start: PytestArgs | None = None) -> PytestArgs:
    """Return what `words` add to `start` (the options of `addopts`)."""
    args = start or PytestArgs()
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        name, value = _split(word)
        if (value is None and name in _VALUED and at < len(words)) or (
            name == "--cov" and value is None and at < len(words) and _is_source(words[at])
        ):
            value, at = words[at], at + 1
        args = _apply(args, name, word, value)
    return args


def _split(word: Word) -> tuple[str, Word | None]:
    text = word.text
    if text.startswith("--") and "=" in text:
        name, _, value = text.partition("=")
        return name, Word(value, word.line)
    if len(text) > 2 and text[0] == "-" and text[1] in _SHORT_VALUED:
        return text[:2], Word(text[2:].removeprefix("="), word.line)
    return text, None


def _is_source(word: Word) -> bool:
    """`--cov` takes a following word unless it is an option."""
    return not word.text.startswith("-")


def _apply(args: PytestArgs, name: str, word: Word, value: Word | None) -> PytestArgs:
    """Return `args` with one option, or one path, more."""
    change: dict[str, Any] = {}
    if name in _SIMPLE and value is not None:
        change[_SIMPLE[name]] = value
    elif name in _GATHERED and value is not None:
        change[_GATHERED[name]] = (*getattr(args, _GATHERED[name]), value)
    elif name in _FLAGS:
        change[_FLAGS[name]] = word
    elif name in _SWITCHES:
        change.update(_SWITCHES[name])
    elif name == "--cov":
        change["cov"] = (*args.cov, value or Word("", word.line))
    elif name == "-p" and value is not None and value.text in _COV_PLUGINS:
        change["no_cov"] = word
    elif not name.startswith("-") and _LOOKS_LIKE_PATH.search(name):
        change["paths"] = (*args.paths, word)
    return replace(args, **change) if change else args


_SIMPLE = {
    "-k": "keyword",
    "-m": "markers",
    "--cov-fail-under": "fail_under",
    "--cov-config": "cov_config",
    "-c": "config_file",
    "--config-file": "config_file",
}
_GATHERED = {
    "--deselect": "deselected",
    "--ignore": "ignored",
    "--ignore-glob": "ignored_globs",
    "-o": "overrides",
    "--override-ini": "overrides",
}
_SWITCHES: dict[str, dict[str, object]] = {
    "--cov-reset": {"cov": ()},
    "--cov-branch": {"cov_branch": True},
    "--doctest-modules": {"doctest_modules": True},
}
_FLAGS = {
    "--no-cov": "no_cov",
    "--collect-only": "collect_only",
    "--co": "collect_only",
    "--collectonly": "collect_only",
    "--setup-plan": "collect_only",
    "--fixtures": "collect_only",
    "--help": "collect_only",
    "-h": "collect_only",
    "--version": "collect_only",
    "--lf": "subset",
    "--last-failed": "subset",
    "--sw": "subset",
    "--stepwise": "subset",
    "--testmon": "subset",
    "--picked": "subset",
    "--suppress-tests-failed-exit-code": "never_fails",
    "--suppress-no-test-exit-code": "never_fails",
}


def percent(word: Word | None) -> float | None:
    """Return a threshold as a number, None when absent or not a number."""
    try:
        return float(word.text.rstrip("%")) if word else None
    except ValueError:
        return None
