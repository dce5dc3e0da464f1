"""The pytest configuration that is in effect in a tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from covgate.policy.ini import flatten
from covgate.policy.option import Option, Word
from covgate.policy.pytest_args import PytestArgs, parse_args
from covgate.source.testconfig import ALWAYS, FILES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from covgate.policy.tree import Tree

_NO_RECURSE = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")


@dataclass(frozen=True)
class PytestConfig:
    """Options by name; `path` is the file in effect, None when there is none."""

    path: str | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    args: PytestArgs = field(default_factory=PytestArgs)

    def words(self, name: str, default: Sequence[str] = ()) -> tuple[Word, ...]:
        option = self.options.get(name)
        if option is None:
            return tuple(Word(text, 0) for text in default)
        return split_words(option)

    def texts(self, name: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        return tuple(word.text for word in self.words(name, default))

    @property
    def python_files(self) -> tuple[str, ...]:
        return self.texts("python_files", ("test_*.py", "*_test.py"))

    @property
    def no_recurse(self) -> tuple[str, ...]:
        return self.texts("norecursedirs", _NO_RECURSE)

    @property
    def strict_xfail(self) -> bool:
        """Whether an xfail that passes fails; pytest 9 has new names and `strict` for it."""
        for name in ("strict_xfail", "xfail_strict", "strict"):
            if name in self.options:
                return self.options[name].is_true
        return False


def resolve_pytest(tree: Tree, path: str | None = None) -> PytestConfig:
    """Return the configuration that pytest would use; `path` is one given by `-c`."""
    for candidate in (path,) if path else FILES:
        options = pytest_options(tree, candidate)
        if options is not None:
            return _configured(candidate, options)
    return PytestConfig()


def override(config: PytestConfig, args: PytestArgs) -> PytestConfig:
    """Return `config` with the `-o name=value` of a command line."""
    options = _overridden(config.path, args)
    return _configured(config.path, {**config.options, **options}) if options else config


def _configured(path: str | None, options: Mapping[str, Option]) -> PytestConfig:
    addopts = options.get("addopts")
    args = parse_args(split_words(addopts) if addopts else ())
    return PytestConfig(path, {**options, **_overridden(path, args)}, args)


def _overridden(path: str | None, args: PytestArgs) -> dict[str, Option]:
    """Return the options that `-o name=value` sets."""
    found = {}
    for word in args.overrides:
        name, _, value = word.text.partition("=")
        found[name.strip()] = Option(path or "", word.line, (Word(value, word.line),))
    return found


def split_words(option: Option) -> tuple[Word, ...]:
    """Split as a shell does; the items of a TOML list are words already."""
    import shlex

    if option.is_list:
        return option.words
    words: list[Word] = []
    for line in option.words:
        lexer = shlex.shlex(line.text, posix=True, punctuation_chars=False)
        lexer.whitespace_split, lexer.commenters = True, ""
        try:
            words += [Word(text, line.line) for text in lexer]
        except ValueError:  # a quote that is closed on another line
            return tuple(Word(text, option.line) for text in option.text.split())
    return tuple(words)


def pytest_options(tree: Tree, path: str) -> dict[str, Option] | None:
    """Return what a file sets, None when pytest would look on for another file."""
    name = path.rpartition("/")[2]
    if name.endswith(".toml"):
        document = tree.toml(path)
        if document is None:
            return None
        for keys in (("pytest",), ("tool", "pytest", "ini_options"), ("tool", "pytest")):
            if keys == ("pytest",) and name == "pyproject.toml":
                continue
            if document.table(*keys) is not None:
                return document.options(*keys)
        return {} if name in ALWAYS else None
    sections = tree.ini(path)
    if sections is None:
        return None
    wanted = "tool:pytest" if name.endswith(".cfg") else "pytest"
    if wanted not in sections:
        return {} if name in ALWAYS else None
    found = flatten({"": sections[wanted]}, "")
    return {key.removeprefix(":"): option for key, option in found.items()}
